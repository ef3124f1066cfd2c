import { z } from "zod";
import { answer, defineTool } from "./define-tool.ts";

/** The agent's own conversations, newest first (agent.md §9.2). */
export const sessionList = defineTool({
  name: "session_list",
  description: "Lists this agent's conversations, newest first, with their ids for session_read.",
  effect: "read",
  params: z.strictObject({ limit: z.int().min(1).max(200).default(20) }),
  async run({ limit }, { agentId, state }) {
    const found = await state.sessions.list({ agentId, limit });
    const sessions = found.map((session) => ({
      id: session.id,
      session_key: session.key,
      status: session.status,
      message_count: session.messageCount,
      created_at: session.createdAtMs,
      updated_at: session.updatedAtMs,
      name: session.metadata.name ?? null,
      access: session.damage === undefined ? "available" : "damaged",
    }));
    // Names and keys may come from whoever opened a conversation on a channel.
    const isForeign = found.some((session) => session.metadata.channel !== undefined);
    return answer(
      { sessions },
      { kind: "tool", ref: "session_list", ...(isForeign ? { from: ["peer"] } : {}) },
    );
  },
});
