import type { MethodResult } from "@carapace/protocol";
import { type AgentConfig, chooseModel, selectEntry } from "./settings.ts";

type AgentList = MethodResult<"agents.list">;
type AgentView = AgentList["agents"][number];

const defaultName = "Carapace";

/** Pure. What `agents.list` shows (websocket.md §12.2); without configured agents there is one, named Carapace. */
export function listAgents(config: AgentConfig): Pick<AgentList, "agents" | "count" | "defaultId"> {
  const { list } = config.agents;
  const agents = list.length === 0 ? [onlyAgent(config)] : list.map((entry) => view(entry, config));
  const chosen = selectEntry(list, undefined)?.id ?? agents[0]?.id ?? "default";
  return { defaultId: chosen, agents, count: agents.length };
}

/** Pure. Name and description of an agent; without an id the default one, else the first. @returns undefined for an unknown id. */
export function agentIdentity(
  config: AgentConfig,
  agentId?: string,
): MethodResult<"agent.identity.get"> | undefined {
  const { agents, defaultId } = listAgents(config);
  const found = agents.find((agent) => agent.id === (agentId ?? defaultId));
  return found === undefined
    ? undefined
    : { agentId: found.id, name: found.name, description: found.description };
}

function onlyAgent(config: AgentConfig): AgentView {
  const model = modelOf([config.agents.defaults], config);
  const identity = { name: defaultName };
  return {
    id: "default",
    name: defaultName,
    description: null,
    identity,
    enabled: true,
    model,
    workspace: null,
    default: true,
  };
}

function view(entry: AgentConfig["agents"]["list"][number], config: AgentConfig): AgentView {
  const id = entry.id ?? "default";
  const identity = entry.identity ?? {};
  return {
    id,
    name: identity.name ?? id,
    description: identity.description ?? null,
    identity,
    enabled: entry.enabled,
    model: modelOf([entry, config.agents.defaults], config),
    workspace: entry.workspace ?? null,
    default: entry.default,
  };
}

function modelOf(levels: Parameters<typeof chooseModel>[0], config: AgentConfig): string | null {
  const model = chooseModel(levels, config.routes);
  return model.ok ? model.value : null;
}
