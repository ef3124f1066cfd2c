import { mixOrigins } from "@carapace/protocol";
import { z } from "zod";
import { answer, defineTool } from "./define-tool.ts";

/** Notes by words in them. */
export const memorySearch = defineTool({
  name: "memory_search",
  description:
    "Finds notes by words in their key or text. All words must occur; a word ending in * matches a beginning.",
  effect: "read",
  params: z.strictObject({ query: z.string().min(1).max(1024), limit: z.int().min(1).max(50).default(10) }),
  async run({ query, limit }, { agentId, state }) {
    const found = await state.memory.search(agentId, query, limit);
    const origin = mixOrigins(
      "memory",
      found.map((entry) => entry.origin),
      "search",
    );
    return answer(
      { notes: found.map(({ key, value, updatedAtMs }) => ({ key, value, updated_at: updatedAtMs })) },
      origin,
    );
  },
});
