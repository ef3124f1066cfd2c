import type { ToolContext } from "@carapace/agent";
import type { ConfigStore } from "@carapace/config";
import type { State } from "@carapace/state";
import { createIngress } from "../ingress/ingress.ts";
import type { Services } from "../methods/services.ts";
import { countTokens } from "../metrics/run-metrics.ts";
import { createModelDesk } from "../models/desk.ts";
import type { ProviderBox } from "../models/providers.ts";
import type { Replies } from "../outbox/replies.ts";
import type { ExecuteDeps } from "../runs/execute.ts";
import { createRunFeed, type RunFeed } from "../runs/feed.ts";
import { queueModeOf } from "../runs/queue-mode.ts";
import { createRuns } from "../runs/runs.ts";
import { createToolContext } from "../runs/tool-context.ts";
import type { Runs } from "../runs/types.ts";
import { remembered } from "../sessions/remembered.ts";
import { resetIfDue } from "../sessions/reset-policy.ts";
import { toolsOfTask } from "../tasks/tasks.ts";
import { price } from "../usage/price.ts";
import { loadUsageTracking } from "../usage/tracking.ts";
import type { CoreOptions } from "./core.ts";

type AssistantParts = Pick<
  CoreOptions,
  "world" | "config" | "hub" | "log" | "health" | "facts" | "metrics" | "tools"
> & {
  readonly state: State;
  readonly secrets: () => readonly string[];
  readonly providers: ProviderBox;
  readonly replies: Replies;
};

/** What answers: models and tools, and the runs that use them. */
interface Assistant extends Pick<Services, "models" | "usage" | "tools" | "runs" | "ingress"> {
  readonly feed: RunFeed;
  readonly bill: ExecuteDeps["bill"];
  readonly toolContext: Pick<ToolContext, "config" | "status">;
}

/** Sets up the assistant; runs of an earlier process are not yet taken up. */
export async function openAssistant(parts: AssistantParts): Promise<Assistant> {
  const { world, config, hub, log, state, secrets, providers, replies, metrics } = parts;
  const pricing = () => config.current().config.usage.pricing;
  const usage = await loadUsageTracking(state.settings, pricing);
  // Asked once of each model call.
  const bill: Assistant["bill"] = (entry) => {
    countTokens(metrics, entry.usage);
    return usage.isEnabled() ? price(entry, pricing()) : undefined;
  };
  const models = createModelDesk({
    ...{ config, state, world, bill, secrets },
    providers: () => providers.current(),
  });
  // Loaded with the first turn, as what takes it.
  const tools = async () => [...(await import("@carapace/agent/tools")).builtInTools, ...(parts.tools ?? [])];
  const toolContext = createToolContext({ ...parts, models });
  const feed = createRunFeed();
  feed.followAll(({ event, payload }) => hub.publish(event, payload));
  const runs = openRuns({
    ...{ config, feed, state, models, world, toolContext, tools, bill, secrets, replies },
    runTools: (run) => toolsOfTask(run, state.tasks),
    log: log.target("runs"),
  });
  const ingress = createIngress({ sessions: state.sessions, config, models, runs });
  return { models, usage, bill, tools, toolContext, feed, runs, ingress };
}

interface RunParts extends ExecuteDeps {
  readonly config: ConfigStore;
  readonly feed: RunFeed;
}

function openRuns(parts: RunParts): Runs {
  const { state, secrets, config, feed, log } = parts;
  const { nowMs, newId } = parts.world;
  const current = () => config.current().config;
  return createRuns({
    ...{ journal: state.runs, feed, newId, nowMs, log },
    // What takes turns is loaded with the first one: an idle gateway need not hold it.
    execute: async (job, release) => (await import("../runs/execute.ts")).createExecutor(parts)(job, release),
    maxConcurrent: () => current().agents.defaults.maxConcurrent,
    prepare: (request) => resetIfDue(request, { sessions: state.sessions, config: current(), nowMs }),
    complete: (request) => remembered(request, { sessions: state.sessions, config: current() }),
    events: { nowMs, csp: () => cspOf(config), secrets },
    queueMode: (sessionId) => queueModeOf(sessionId, { sessions: state.sessions, config: current }),
  });
}

function cspOf(config: ConfigStore): string {
  const { defaults, outputSanitizer } = config.current().config.agents;
  return (defaults.outputSanitizer ?? outputSanitizer).cspPolicy;
}
