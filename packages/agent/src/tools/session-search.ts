import { mixOrigins } from "@carapace/protocol";
import { z } from "zod";
import { answer, defineTool } from "./define-tool.ts";

/** Full text over the agent's own conversations. */
export const sessionSearch = defineTool({
  name: "session_search",
  description:
    "Finds messages in this agent's conversations by words. All words must occur; a word ending in * matches a beginning. " +
    "session_read shows what stands around a hit.",
  effect: "read",
  params: z.strictObject({ query: z.string().min(1).max(1024), limit: z.int().min(1).max(50).default(10) }),
  async run({ query, limit }, { agentId, state }) {
    const hits = await state.sessions.search(query, { limit, agentId });
    const origin = mixOrigins(
      "tool",
      hits.flatMap((hit) => hit.origins),
      "session_search",
    );
    const views = hits.map((hit) => ({
      session_id: hit.sessionId,
      session_key: hit.sessionKey,
      message_id: hit.messageId,
      role: hit.role,
      snippet: hit.snippet,
      created_at: hit.createdAtMs,
    }));
    return answer({ hits: views }, origin);
  },
});
