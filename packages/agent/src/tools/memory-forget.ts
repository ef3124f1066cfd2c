import { z } from "zod";
import { answer, defineTool, failure, steered } from "./define-tool.ts";
import { denyNoteChange } from "./memory-guard.ts";
import { NoteKey } from "./memory-limits.ts";

/** Erases one note. */
export const memoryForget = defineTool({
  name: "memory_forget",
  description: "Erases one note for good. Only when the owner asks for it.",
  effect: "idempotent",
  params: z.strictObject({ key: NoteKey }),
  async run({ key }, context) {
    const denied = await denyNoteChange(key, context);
    if (denied !== undefined) return failure(denied, steered(context, "memory_forget"));
    const forgotten = await context.state.memory.forget(context.agentId, key);
    return answer({ forgotten }, steered(context, "memory_forget"));
  },
});
