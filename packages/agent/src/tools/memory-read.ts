import { mixOrigins } from "@carapace/protocol";
import { z } from "zod";
import { answer, defineTool } from "./define-tool.ts";
import { NoteKey } from "./memory-limits.ts";

/** One note by its name (agent.md §9.2). The result says who had a hand in the note. */
export const memoryRead = defineTool({
  name: "memory_read",
  description: "Reads one note by its key; the value is null if there is none.",
  effect: "read",
  params: z.strictObject({ key: NoteKey }),
  async run({ key }, { agentId, state }) {
    const entry = await state.memory.read(agentId, key);
    if (entry === undefined) return answer({ value: null }, { kind: "memory", ref: key.slice(0, 255) });
    return answer({ value: entry.value }, mixOrigins("memory", [entry.origin], key.slice(0, 255)));
  },
});
