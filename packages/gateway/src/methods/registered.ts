import { defaultAgentId } from "@carapace/agent";
import type { Config } from "@carapace/config";
import type { SessionDefaults } from "@carapace/protocol";

/** What a client is told of the default session (websocket.md §4). */
export function sessionDefaults(config: Config): SessionDefaults {
  const { session } = config;
  return {
    defaultAgentId: defaultAgentId(config),
    mainKey: session.mainKey,
    mainSessionKey: session.mainKey,
    scope: session.scope,
  };
}
