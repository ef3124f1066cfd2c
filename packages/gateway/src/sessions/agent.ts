import type { Config } from "@carapace/config";
import type { SessionRepository } from "@carapace/state";
import type { RunRequest } from "../runs/types.ts";

/** The agent that answers where nobody names one (agent.md §5). */
function defaultAgentId({ agents }: Pick<Config, "agents">): string {
  return agents.list.find((entry) => entry.default)?.id ?? "default";
}

/**
 * Names the agent of a session that has none yet, whatever entry the request came by (agent.md §6.1): an agent's tools
 * and memory reach its own sessions only.
 */
export async function withAgent(
  request: RunRequest,
  { sessions, config }: { readonly sessions: SessionRepository; readonly config: Pick<Config, "agents"> },
): Promise<RunRequest> {
  if (request.metadata.agentId !== undefined) return request;
  const session = await sessions.find(request.sessionKey);
  if (session?.metadata.agentId !== undefined) return request;
  return { ...request, metadata: { ...request.metadata, agentId: defaultAgentId(config) } };
}
