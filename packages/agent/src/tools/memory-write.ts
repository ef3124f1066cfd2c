import { mixOrigins } from "@carapace/protocol";
import { z } from "zod";
import { answer, defineTool, failure, steered } from "./define-tool.ts";
import { denyNoteChange } from "./memory-guard.ts";
import { NoteKey, NoteValue } from "./memory-limits.ts";

/** Writes one note (agent.md §9.2). The note keeps the labels of everything that could have steered it. */
export const memoryWrite = defineTool({
  name: "memory_write",
  description:
    "Writes a note that later conversations can read: one fact under a short key. An existing note of that key is replaced.",
  effect: "idempotent",
  params: z.strictObject({ key: NoteKey, value: NoteValue }),
  async run({ key, value }, context) {
    const denied = await denyNoteChange(key, context);
    if (denied !== undefined) return failure(denied, steered(context, "memory_write"));
    const origin = mixOrigins("model", context.steeredBy, context.sessionKey);
    const entry = { key, value, origin, updatedAtMs: context.nowMs() };
    const hasRoom = await context.state.memory.write(context.agentId, entry);
    const label = steered(context, "memory_write");
    return hasRoom
      ? answer({ ok: true }, label)
      : failure("The notes are full (4 MiB). Forget some first.", label);
  },
});
