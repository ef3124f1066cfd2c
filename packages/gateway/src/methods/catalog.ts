import { agentIdentity, listAgents } from "@carapace/agent";
import type { Config } from "@carapace/config";
import { ok, refuse } from "@carapace/protocol";
import type { MethodHandlers } from "../types.ts";
import type { Services } from "./services.ts";

type Handled = "models.list" | "agents.list" | "agent.identity.get";

/** Models and agents the gateway knows (websocket.md §12.2). */
export function catalogHandlers({ config }: Services): Pick<MethodHandlers, Handled> {
  const current = () => config.current().config;
  return {
    "models.list": () => ok({ models: listModels(current()) }),
    "agents.list"() {
      const { session } = current();
      return ok({ ...listAgents(current()), mainKey: session.mainKey, scope: session.scope });
    },
    "agent.identity.get"({ params }) {
      const { agentId } = params;
      const identity = agentIdentity(current(), agentId);
      return identity === undefined
        ? refuse("not_found", `agent not found: ${agentId}`, { agentId })
        : ok(identity);
    },
  };
}

interface ListedModel {
  id: string;
  alias: string | null;
  label: string | null;
  provider: string | null;
  model: string | null;
}

/** `agents.defaults.models`, then `models.providers.P.models` as `P:model`; the first of an id counts. */
function listModels({ agents, models }: Config): ListedModel[] {
  const listed = new Map<string, ListedModel>();
  for (const [id, entry] of Object.entries(agents.defaults.models)) {
    const { alias = null, label = null, provider = null, model = null } = entry;
    listed.set(id, { id, alias, label, provider, model });
  }
  for (const [provider, source] of Object.entries(models.providers)) {
    for (const [model, entry] of Object.entries(source?.models ?? {})) {
      const id = `${provider}:${model}`;
      if (!listed.has(id)) listed.set(id, { id, alias: null, label: entry.label ?? null, provider, model });
    }
  }
  return [...listed.values()];
}
