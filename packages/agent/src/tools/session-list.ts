import { mixOrigins, type Origin } from "@carapace/protocol";
import type { Session } from "@carapace/state";
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
    return answer(
      { sessions },
      mixOrigins(
        "tool",
        found.flatMap(({ metadata }) => namedBy(metadata)),
        "session_list",
      ),
    );
  },
});

/** Whose text a conversation's name and key may be: they may come from whoever opened it. */
function namedBy({ channel, tags = [], reference }: Session["metadata"]): Origin[] {
  const isOfHook = tags.some((tag) => tag.startsWith("hook:"));
  return [
    ...(channel === undefined ? [] : [{ kind: "peer" } as const]),
    ...(isOfHook ? [{ kind: "hook" } as const] : []),
    ...(reference === undefined ? [] : [{ kind: "imported" } as const]),
  ];
}
