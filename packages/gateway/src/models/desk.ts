import {
  type AgentModel,
  type AgentSettings,
  agentSettings,
  type Candidate,
  type CoolDown,
  type Cooling,
  createCoolDown,
  type ModelEvent,
  modelString,
  type Provider,
  type ProviderSet,
} from "@carapace/agent";
import type { ConfigStore } from "@carapace/config";
import { isJson, ok, type Result } from "@carapace/protocol";
import type { Session, State, UsageEntry } from "@carapace/state";
import { definedOnly } from "../defined-only.ts";
import type { RunOptions } from "../runs/types.ts";
import type { World } from "../types.ts";
import { createReach, type Reach, type Reached } from "./reach.ts";

/** What a caller asks of a turn. */
type Wishes = Partial<
  Pick<
    RunOptions,
    "agentId" | "model" | "route" | "system" | "extra" | "sampling" | "maxTurns" | "timeoutSeconds"
  >
>;

/** An agent's settings for one run, and who answers for it. */
interface Choice {
  readonly agent: AgentSettings;
  readonly provider: Provider;
}

/** Which agent, model and provider answer (agent.md §5). */
export interface ModelDesk {
  /** Whether a turn can be run, as far as that is known without asking anybody. */
  check(wishes: Wishes, session: Session | undefined): Result<undefined>;
  /** Refused with `unknown_route`, `missing_model` or `provider_not_configured`; no other provider takes its place. */
  choose(wishes: Wishes, session: Session | undefined): Promise<Result<Choice>>;
  /** Models that failed and are not asked for a while, as long as another can take their place. */
  resting(): readonly Cooling[];
  /** Whether a language model could be used when one was last asked; undefined if that was more than 30 s ago. */
  reached(): Reached | undefined;
  /** The model of a request that asks for nothing, in a session of no agent; nobody checks that it can be reached. */
  current(): Promise<Result<string>>;
  /** Summarises a session's older messages for its contexts; the messages stay in its history. */
  compact(session: Session, keep: number, signal: AbortSignal): Promise<Result<Compacted>>;
}

/** How the calls of the providers went. */
interface Memory {
  readonly coolDown: CoolDown;
  readonly reach: Reach;
}

interface Compacted {
  readonly compacted: boolean;
  readonly kept: number;
  readonly messagesCompacted: number;
}

export interface ModelDeskDeps {
  readonly config: Pick<ConfigStore, "current">;
  readonly providers: () => ProviderSet;
  readonly state: Pick<State, "sessions" | "runs" | "usage">;
  readonly world: World;
  /** What a summary's usage record becomes: priced, or undefined if usage is not recorded. */
  readonly bill: (entry: UsageEntry) => UsageEntry | undefined;
  /** What no reply and no summary may hold. */
  readonly secrets: () => readonly string[];
}

export function createModelDesk(deps: ModelDeskDeps): ModelDesk {
  const settings = (wishes: Wishes, session: Session | undefined, fallbackModel?: string) => {
    const { agentId, route, model } = session?.metadata ?? {};
    const extra = isJson(wishes.extra) ? wishes.extra : undefined;
    return agentSettings({
      config: deps.config.current().config,
      request: definedOnly({ ...wishes, extra }),
      session: definedOnly({ agentId, route, model }),
      ...(fallbackModel === undefined ? {} : { fallbackModel }),
    });
  };

  async function decide(wishes: Wishes, session: Session | undefined): Promise<Result<AgentSettings>> {
    const agent = settings(wishes, session);
    if (agent.ok || agent.code !== "missing_model") return agent;
    const fallback = await deps.providers().defaultModel();
    return fallback.ok ? settings(wishes, session, fallback.value) : fallback;
  }

  async function choose(wishes: Wishes, session: Session | undefined): Promise<Result<Choice>> {
    const agent = await decide(wishes, session);
    if (!agent.ok) return agent;
    const provider = deps.providers().find(agent.value.model.provider);
    if (!provider.ok) return provider;
    const { coolDown, reach } = memory();
    const others = (agent.value.fallbacks ?? []).map((model) => candidate(model, deps.providers(), reach));
    // Only turns ask for a provider: what takes them is loaded with the first one.
    const { withFallbacks } = await import("@carapace/agent/turn");
    const first = { model: agent.value.model, provider: reach.watch(provider.value) };
    const sampled = withSampling(agent.value, wishes.sampling);
    return ok({ agent: sampled, provider: withFallbacks(first, others, coolDown) });
  }

  let known: (Memory & { readonly of: ProviderSet }) | undefined;
  /** Of the providers in force: with other settings they may well not fail. */
  function memory(): Memory {
    const of = deps.providers();
    const { nowMs } = deps.world;
    if (known?.of !== of) known = { of, coolDown: createCoolDown(nowMs), reach: createReach(nowMs) };
    return known;
  }

  return {
    check(wishes, session) {
      const agent = settings(wishes, session);
      // Nobody names one: only the providers know their default, and they may have to ask for it.
      if (!agent.ok) return agent.code === "missing_model" ? ok(undefined) : agent;
      const provider = deps.providers().find(agent.value.model.provider);
      return provider.ok ? ok(undefined) : provider;
    },
    choose,
    resting: () => memory().coolDown.list(),
    reached: () => memory().reach.latest(),
    async current() {
      const agent = await decide({}, undefined);
      return agent.ok ? ok(modelString(agent.value.model)) : agent;
    },
    async compact(session, keep, signal) {
      const { state, bill } = deps;
      const choice = await choose({}, session);
      if (!choice.ok) return choice;
      const { compactSession } = await import("@carapace/agent/turn");
      const report = await compactSession(
        { sessionId: session.id, sessionKey: session.key, keepMessages: keep, agent: choice.value.agent },
        {
          ...{ sessions: state.sessions, journal: state.runs, bill },
          recordUsage: (entry) => state.usage.record(entry),
          provider: choice.value.provider,
          clock: deps.world,
          newId: deps.world.newId,
          secrets: deps.secrets,
          signal,
        },
      );
      return ok(report);
    },
  };
}

function withSampling(agent: AgentSettings, sampling: RunOptions["sampling"]): AgentSettings {
  if (sampling === undefined) return agent;
  const { maxTokens = agent.maxTokens, temperature = agent.temperature, reply } = sampling;
  return {
    ...agent,
    ...definedOnly({ temperature, reply }),
    maxTokens: Math.min(maxTokens, agent.maxTokens),
  };
}

/** One that is not set up fails as any other does, with what to do about it. */
function candidate(model: AgentModel, providers: ProviderSet, reach: Reach): Candidate {
  const found = providers.find(model.provider);
  if (found.ok) return { model, provider: reach.watch(found.value) };
  const failed: ModelEvent = { kind: "failed", failure: { code: "auth", say: found.say } };
  return {
    model,
    provider: {
      id: model.provider,
      async *complete() {
        yield failed;
      },
    },
  };
}
