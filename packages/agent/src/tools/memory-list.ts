import { mixOrigins } from "@carapace/protocol";
import { z } from "zod";
import { answer, defineTool } from "./define-tool.ts";

/** The names of all notes (agent.md §9.2). */
export const memoryList = defineTool({
  name: "memory_list",
  description: "Lists the keys of all notes, sorted.",
  effect: "read",
  params: z.strictObject({}),
  async run(_params, { agentId, state }) {
    const entries = await state.memory.list(agentId);
    const origin = mixOrigins(
      "memory",
      entries.map((entry) => entry.origin),
      "list",
    );
    return answer({ keys: entries.map((entry) => entry.key).sort() }, origin);
  },
});
