import { defaultAgentId } from "@carapace/agent";
import type { Config } from "@carapace/config";
import type { SessionRepository } from "@carapace/state";
import type { RunRequest } from "../runs/types.ts";
import { overStored } from "./metadata.ts";

/**
 * A request with what its session shall remember of it. A session without an agent gets the one that answers first in
 * it, whatever entry the request came by (agent.md §6.1): an agent's tools and memory reach its own sessions only.
 */
export async function remembered(
  request: RunRequest,
  { sessions, config }: { readonly sessions: SessionRepository; readonly config: Pick<Config, "agents"> },
): Promise<RunRequest> {
  const stored = (await sessions.find(request.sessionKey))?.metadata;
  const metadata = overStored(request.metadata, stored);
  const agentId = metadata.agentId ?? stored?.agentId ?? defaultAgentId(config);
  return { ...request, metadata: { ...metadata, agentId } };
}
