import { type Config, isAllowAll, parseModelRef } from "@carapace/config";
import { type Json, ok, type Refusal, type Result, refuse } from "@carapace/protocol";
import type { AgentModel, AgentSettings } from "../types.ts";

/** The parts of a configuration that decide how an agent runs. */
export type AgentConfig = Pick<Config, "agents" | "routes">;
type Defaults = AgentConfig["agents"]["defaults"];
type Entry = AgentConfig["agents"]["list"][number];

/** What a request, or a session that remembers one, asks for. Blank texts count as absent. */
export interface AgentWish {
  readonly agentId?: string | undefined;
  readonly route?: string | undefined;
  readonly model?: string | undefined;
}

export interface AgentQuestion {
  readonly config: AgentConfig;
  /** `system` replaces the configured prompt; `extra` goes to the provider as it is; `maxTurns` only lowers the agent's own. */
  readonly request: AgentWish & {
    readonly system?: string | undefined;
    readonly extra?: Json | undefined;
    readonly maxTurns?: number | undefined;
    readonly timeoutSeconds?: number | undefined;
  };
  readonly session: AgentWish;
  /** Used when nobody names a model: the embedded one, as long as no provider is set up. */
  readonly fallbackModel?: string;
}

/** What neither entry nor defaults need say. */
const builtIn = { maxTurns: 25, maxTokens: 8192 };

/**
 * Pure. An agent's settings for one run (agent.md §5): the entry over `agents.defaults` over what is built in, and the
 * model of the first that names one: request, session, entry, defaults; in each, route before model.
 * @returns `invalid_request` for a request with route and model or a model string that is none, `unknown_route`, or
 * `missing_model`, which is said only if nobody names one.
 */
export function agentSettings(question: AgentQuestion): Result<AgentSettings> {
  const { config, request, session } = question;
  if (said(request.route) !== undefined && said(request.model) !== undefined) {
    return refuse("invalid_request", "cannot set both `route` and `model` in the same request");
  }
  const askedId = said(request.agentId) ?? said(session.agentId);
  const entry = selectEntry(config.agents.list, askedId);
  const { defaults } = config.agents;
  const levels = [request, session, ...(entry === undefined ? [] : [entry]), defaults];
  const chosen = chooseModel(levels, config.routes, question.fallbackModel);
  const model = chosen.ok ? parseModelRef(chosen.value) : chosen;
  if (!model.ok) return model;
  const system = said(request.system) ?? said(entry?.system) ?? said(defaults.system);
  const temperature = entry?.temperature ?? defaults.temperature;
  const fallbacks = chooseFallbacks(levels, config.routes);
  return ok({
    agentId: askedId ?? defaultAgentId(config),
    model: model.value,
    ...(fallbacks.length === 0 ? {} : { fallbacks }),
    ...(system === undefined ? {} : { system }),
    maxTurns: atMost(request.maxTurns, positive(entry?.maxTurns, defaults.maxTurns, builtIn.maxTurns)),
    maxTokens: positive(entry?.maxTokens, defaults.maxTokens, builtIn.maxTokens),
    ...(temperature === undefined ? {} : { temperature }),
    contextTokens: positive(entry?.contextTokens, defaults.contextTokens),
    timeoutSeconds: request.timeoutSeconds ?? positive(entry?.timeoutSeconds, defaults.timeoutSeconds),
    tools: toolsOf(entry) ?? toolsOf(defaults) ?? allowAll,
    ...((entry?.exfiltrationGuard ?? defaults.exfiltrationGuard) === true ? { exfiltrationGuard: true } : {}),
    ...(request.extra === undefined ? {} : { extra: request.extra }),
  });
}

/** Pure. Who answers where nobody names an agent: the entry marked as default, else `default`, which has none. */
export function defaultAgentId({ agents }: Pick<AgentConfig, "agents">): string {
  return said(selectEntry(agents.list, undefined)?.id) ?? "default";
}

/** Pure. The entry of that id, else the one marked as default, else none (agent.md §5). */
export function selectEntry(list: readonly Entry[], agentId: string | undefined): Entry | undefined {
  return (
    list.find((entry) => entry.id !== undefined && entry.id === agentId) ??
    list.find((entry) => entry.default)
  );
}

/** Pure. The model string of the first that names a route or a model; an unknown route is refused at once. */
export function chooseModel(
  levels: readonly AgentWish[],
  routes: AgentConfig["routes"],
  fallbackModel?: string,
): Result<string> {
  for (const level of levels) {
    const route = said(level.route);
    if (route !== undefined) return routeModel(route, routes);
    const model = said(level.model);
    if (model !== undefined) return ok(model);
  }
  if (fallbackModel !== undefined) return ok(fallbackModel);
  return refuse(
    "missing_model",
    "No model is chosen. Set one with: cara config set agents.defaults.model provider:model",
  );
}

/** The fallbacks of the route that gives the model, if one does (agent.md §4.1 *Better*). */
function chooseFallbacks(levels: readonly AgentWish[], routes: AgentConfig["routes"]): AgentModel[] {
  const level = levels.find(({ route, model }) => said(route) !== undefined || said(model) !== undefined);
  const route = said(level?.route);
  if (route === undefined || !Object.hasOwn(routes, route)) return [];
  return (routes[route]?.fallbacks ?? []).flatMap((text) => {
    const model = parseModelRef(text);
    // The built-in assistant is no language model: it never takes one's place in silence.
    return model.ok && model.value.provider !== "offline" ? [model.value] : [];
  });
}

function routeModel(route: string, routes: AgentConfig["routes"]): Result<string> | Refusal {
  const model = Object.hasOwn(routes, route) ? said(routes[route]?.model) : undefined;
  // The name is the caller's input and stays out of the sentence (agent.md §1).
  return model === undefined ? refuse("unknown_route", "requested route is not configured") : ok(model);
}

const allowAll: AgentSettings["tools"] = { policy: "allow-all", list: [] };

/** What an entry or the defaults say of tools; the long form wins over the short one. */
function toolsOf(level: Defaults | Entry | undefined): AgentSettings["tools"] | undefined {
  if (level?.tools !== undefined) return level.tools;
  return level?.toolPolicy !== undefined && isAllowAll(level.toolPolicy) ? allowAll : undefined;
}

/** The first that is set, within what 32 bits hold. */
function positive(...values: [...(number | undefined)[], number]): number {
  const found = values.find((value) => value !== undefined && value > 0);
  return Math.min(found ?? 1, 0xffff_ffff);
}

function atMost(limit: number | undefined, value: number): number {
  return limit === undefined ? value : Math.max(1, Math.min(limit, value));
}

function said(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === "" ? undefined : trimmed;
}
