import { type AgentSettings, agentSettings } from "@carapace/agent";
import { hintedSessionKey, type Result, type SessionKey } from "@carapace/protocol";
import { definedOnly } from "../defined-only.ts";
import { findByKey } from "../sessions/find.ts";
import type { ToolsInvokeDeps } from "./deps.ts";

/** For whom a tool is used: the agent of a conversation. */
export interface ToolCaller {
  readonly agent: AgentSettings;
  readonly sessionKey: SessionKey;
  /** Blank for a conversation that has not begun. */
  readonly sessionId: string;
}

/** @returns what is wrong with the agent's settings, if they cannot be used. */
export async function toolCaller(
  sessionName: string,
  headers: Headers,
  { state, config }: Pick<ToolsInvokeDeps, "state" | "config">,
): Promise<Result<ToolCaller>> {
  const session = await findByKey(state.sessions, sessionName);
  const header = headers.get("x-carapace-agent-id") ?? headers.get("x-carapace-agent");
  const agent = agentSettings({
    config: config.current().config,
    request: definedOnly({ agentId: header?.trim().slice(0, 255) || undefined }),
    session: definedOnly({ agentId: session?.metadata.agentId }),
    // No model is asked.
    fallbackModel: "offline:basic",
  });
  if (!agent.ok) return agent;
  const sessionKey = session?.key ?? hintedSessionKey(sessionName);
  return { ok: true, value: { agent: agent.value, sessionKey, sessionId: session?.id ?? "" } };
}
