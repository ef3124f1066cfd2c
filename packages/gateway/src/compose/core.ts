import { dirname } from "node:path";
import type { Provider, Tool } from "@carapace/agent";
import type { ChannelRegistry } from "@carapace/channels";
import type { ConfigStore } from "@carapace/config";
import { ok, type Result } from "@carapace/protocol";
import type { State } from "@carapace/state";
import { retainAudit } from "../audit/retention.ts";
import type { Hub } from "../connection/hub.ts";
import { type Control, createControl } from "../control/control.ts";
import { controlUiRoutes } from "../control-ui/routes.ts";
import { type Cron, createCron } from "../cron/cron.ts";
import { createHeartbeat } from "../heartbeat.ts";
import { createHooks } from "../hooks/create-hooks.ts";
import type { Csrf } from "../http/csrf.ts";
import type { RouteSource } from "../http/route.ts";
import { createIngress } from "../ingress/ingress.ts";
import type { GatewayLog } from "../log/log.ts";
import { createHandlers } from "../methods/index.ts";
import type { GatewayFacts, Services } from "../methods/services.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { createModelDesk, type ModelDesk } from "../models/desk.ts";
import { createProviderBox } from "../models/providers.ts";
import type { FetchFile } from "../openai/attachments/fetch-file.ts";
import { createOpenAi } from "../openai/routes.ts";
import { openOutbox } from "../outbox/open.ts";
import type { Replies } from "../outbox/replies.ts";
import { retainOutbox } from "../outbox/retention.ts";
import { createDevicePairing } from "../pairing/devices.ts";
import type { ExecuteDeps } from "../runs/execute.ts";
import { createRunFeed, type RunFeed } from "../runs/feed.ts";
import { queueModeOf } from "../runs/queue-mode.ts";
import { createRuns } from "../runs/runs.ts";
import { createToolContext } from "../runs/tool-context.ts";
import type { Runs } from "../runs/types.ts";
import { remembered } from "../sessions/remembered.ts";
import { resetIfDue } from "../sessions/reset-policy.ts";
import { startRetention } from "../sessions/retention.ts";
import { openSystemEvents } from "../system-events/system-events.ts";
import { openTasks, toolsOfTask } from "../tasks/tasks.ts";
import { createToolsInvoke } from "../tools-invoke/routes.ts";
import type { World } from "../types.ts";
import { arePricesConfigured, price } from "../usage/price.ts";
import { loadUsageTracking } from "../usage/tracking.ts";
import { countingCalls } from "./counted-calls.ts";
import type { Health } from "./health.ts";
import { startMediaSweep } from "./media-sweep.ts";
import { observe } from "./observability.ts";
import type { Opened } from "./opening.ts";
import { answeringStateFaults } from "./state-faults.ts";
import { openStored } from "./stored.ts";
import { startUpkeep } from "./upkeep.ts";

export interface CoreOptions {
  readonly world: World;
  readonly config: ConfigStore;
  readonly hub: Hub;
  readonly log: GatewayLog;
  readonly facts: GatewayFacts;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly csrf: Csrf;
  readonly providers?: readonly Provider[];
  /** Beside the built-in ones. */
  readonly tools?: readonly Tool[];
  /** Instead of fetching what requests of the OpenAI-compatible API name. */
  readonly fetchFile?: FetchFile;
  /** The credential that this gateway's clients show it. */
  readonly credential?: string;
  /** The state directory's permissions before they were narrowed to 0700; absent if it was not there. */
  readonly observedMode?: number;
  /** How long after the start everything stored is verified. */
  readonly verifyAfterMs: number;
}

/** The part of the gateway behind the port. */
export interface Core extends Opened {
  readonly state: State;
  readonly runs: Runs;
  readonly models: ModelDesk;
  /** What is served over HTTP beside health and status. */
  readonly routes: RouteSource;
  readonly control: Pick<Control, "endStreams">;
}

/** Opens the state, sets up the providers, and takes up the runs of an earlier process. Closed by `opened`. */
export async function openCore(options: CoreOptions, opened: AsyncDisposableStack): Promise<Result<Core>> {
  const { world, config, hub, log, facts } = options;
  const dir = facts.stateDir;
  const kept = await openStored(options, opened);
  if (!kept.ok) return kept;
  const { state, arrivals, secrets } = kept.value;
  const providers = createProviderBox({
    config,
    nowMs: world.nowMs,
    log: log.target("providers"),
    ...(options.providers === undefined ? {} : { extra: options.providers }),
  });
  if (!providers.ok) return providers;
  const heartbeat = opened.use(createHeartbeat({ events: hub, nowMs: world.nowMs }));
  const usage = await loadUsageTracking(state.settings, () => arePricesConfigured(pricingOf(config)));
  const bill: Bill = (entry) => (usage.isEnabled() ? price(entry, pricingOf(config)) : undefined);
  const models = createModelDesk({
    ...{ config, state, world, bill, secrets },
    providers: () => providers.value.current(),
  });
  const feed = createRunFeed();
  const carried = await openOutbox({ config, world, log, state }, opened);
  if (!carried.ok) return carried;
  const { channels, outbox, replies } = carried.value;
  options.health.watchChannels(() => channels.counts());
  const tools = async () => [
    ...(await import("@carapace/agent/tools")).builtInTools,
    ...(options.tools ?? []),
  ];
  const toolContext = createToolContext({ ...options, models, state });
  const desks = { state, models, bill, secrets, feed, replies, tools, toolContext };
  const runs = createCoreRuns({ ...options, ...desks });
  const ingress = createIngress({ sessions: state.sessions, config, models, runs });
  const systemEvents = opened.use(await openSystemEvents({ state, models, ingress, world, heartbeat, log }));
  const cron = openSchedules({ ...options, state, ingress, runs, systemEvents, outbox }, opened);
  const hookParts = { config, world, state, ingress, runs, systemEvents, arrivals, log };
  const hooks = createHooks({
    ...hookParts,
    channels: () => channels.ids(),
    counted: (outcome) => options.metrics.count("hook_calls_total", { outcome }),
  });
  const pairing = createDevicePairing({
    ...world,
    devices: state.devices,
    audit: state.audit,
    hub,
    log: log.target("pairing"),
  });
  const services: Services = {
    ...{ world, state, config, hub, runs, ingress, models, usage, log },
    ...{ heartbeat, pairing, channels, outbox, systemEvents, hooks, cron, facts, tools },
    health: options.health.now,
    secrets,
  };
  await runs.recover();
  cron.begin();
  const tasks = opened.use(
    await openTasks({
      ...{ state, runs, ingress, systemEvents, outbox, world },
      onConfigChange: (listener) => void config.onChange(() => listener()),
      isUsageRecorded: () => usage.isEnabled(),
      maxConcurrent: () => config.current().config.agents.defaults.maxConcurrent,
      log: log.target("tasks"),
    }),
  );
  startCare({ ...options, state, runs }, opened);
  const openai = opened.use(
    createOpenAi({
      ...services,
      bill,
      log: log.target("openai"),
      ...(options.fetchFile && { fetchFile: options.fetchFile }),
    }),
  );
  const toolsInvoke = createToolsInvoke({ ...services, toolContext });
  const observed = observe({ ...options, state, runs, feed }, opened);
  const control = opened.use(
    createControl({
      ...{ config, world, state, hub, models },
      providers: () => providers.value.current(),
      channels: () => channels.views(),
    }),
  );
  const configFolder = dirname(config.current().path);
  const page = controlUiRoutes({ stateDir: dir, configFolder, issueCsrf: options.csrf.issue });
  const sessionCount = () => state.sessions.count();
  return ok({
    state,
    runs,
    models,
    control,
    pairing,
    arrivals,
    sessionCount,
    reached: models.reached,
    channelCounts: () => ({ ...channels.counts(), inError: inError(channels) }),
    routes: (settings) => [
      ...observed.routes(settings),
      ...control.routes(settings),
      ...openai.routes(settings),
      ...toolsInvoke.routes(settings),
      ...hooks.routes(settings),
      ...tasks.routes(settings),
      ...page(settings),
    ],
    handlers: countingCalls(answeringStateFaults(createHandlers(services)), options.metrics),
  });
}

function inError(channels: Pick<ChannelRegistry, "views">): string[] {
  return channels.views().flatMap(({ id, status }) => (status === "error" ? [id] : []));
}

type ScheduleParts = Pick<CoreOptions, "world" | "config" | "hub" | "log" | "metrics"> &
  Pick<Services, "state" | "ingress" | "runs" | "systemEvents" | "outbox">;

function openSchedules(
  { world, config, hub, log, metrics, outbox, ...parts }: ScheduleParts,
  opened: AsyncDisposableStack,
): Cron {
  return opened.use(
    createCron({
      ...{ ...parts, config, hub, nowMs: world.nowMs, newId: world.newId },
      outbox: () => outbox,
      counted: (status) => metrics.count("cron_executions_total", { status }),
      log: log.target("cron"),
    }),
  );
}

type CareParts = Pick<CoreOptions, "world" | "config" | "log" | "verifyAfterMs"> &
  Pick<Core, "state" | "runs">;

/** What looks after stored data while the gateway runs: checks it, and lets go of what is old. */
function startCare(
  { world, config, log, state, runs, verifyAfterMs }: CareParts,
  opened: AsyncDisposableStack,
): void {
  const { nowMs } = world;
  opened.use(
    startUpkeep({
      state,
      nowMs: world.nowMs,
      log: log.target("state"),
      isBusy: () => runs.size() > 0,
      verifyAfterMs,
      retain: async () => {
        const settings = () => config.current().config.audit;
        await retainAudit({ audit: state.audit, settings, nowMs, log: log.target("audit") });
        await retainOutbox({ outbox: state.outbox, nowMs, log: log.target("outbox") });
      },
    }),
  );
  opened.use(startMediaSweep({ media: state.media, nowMs: world.nowMs, log: log.target("media") }));
  opened.use(
    startRetention({
      ...{ sessions: state.sessions, audit: state.audit, runs, config, nowMs: world.nowMs },
      log: log.target("sessions"),
    }),
  );
}

type Bill = ExecuteDeps["bill"];

interface RunParts extends Omit<CoreOptions, "tools"> {
  readonly tools: ExecuteDeps["tools"];
  readonly toolContext: ExecuteDeps["toolContext"];
  readonly state: State;
  readonly models: Services["models"];
  readonly bill: Bill;
  readonly secrets: () => readonly string[];
  readonly feed: RunFeed;
  readonly replies: Replies;
}

function createCoreRuns(parts: RunParts): Runs {
  const { state, models, bill, secrets, world, config, hub, log, feed, replies, tools, toolContext } = parts;
  const current = () => config.current().config;
  const executing: ExecuteDeps = {
    ...{ state, models, world, toolContext, tools, bill, secrets, replies },
    runTools: (run) => toolsOfTask(run, state.tasks),
    log: log.target("runs"),
  };
  feed.followAll(({ event, payload }) => hub.publish(event, payload));
  return createRuns({
    journal: state.runs,
    // What takes turns is loaded with the first: an idle gateway need not hold it.
    execute: async (job, release) =>
      (await import("../runs/execute.ts")).createExecutor(executing)(job, release),
    maxConcurrent: () => current().agents.defaults.maxConcurrent,
    prepare: (request) =>
      resetIfDue(request, { sessions: state.sessions, config: current(), nowMs: world.nowMs }),
    complete: (request) => remembered(request, { sessions: state.sessions, config: current() }),
    events: { nowMs: world.nowMs, csp: () => cspOf(config), secrets },
    feed,
    queueMode: (sessionId) => queueModeOf(sessionId, { sessions: state.sessions, config: current }),
    newId: world.newId,
    nowMs: world.nowMs,
    log: log.target("runs"),
  });
}

function pricingOf(config: ConfigStore) {
  return config.current().config.usage.pricing;
}

function cspOf(config: ConfigStore): string {
  const { defaults, outputSanitizer } = config.current().config.agents;
  return (defaults.outputSanitizer ?? outputSanitizer).cspPolicy;
}
