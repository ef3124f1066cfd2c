import type { Provider, Tool } from "@carapace/agent";
import type { ChannelRegistry } from "@carapace/channels";
import type { ConfigStore } from "@carapace/config";
import { ok, type Result } from "@carapace/protocol";
import type { State } from "@carapace/state";
import type { Hub } from "../connection/hub.ts";
import { createHeartbeat } from "../heartbeat.ts";
import type { Csrf } from "../http/csrf.ts";
import type { RouteSource } from "../http/route.ts";
import type { GatewayLog } from "../log/log.ts";
import { createHandlers } from "../methods/index.ts";
import type { GatewayFacts, Services } from "../methods/services.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { ModelDesk } from "../models/desk.ts";
import { createProviderBox } from "../models/providers.ts";
import { signInsOf } from "../models/sign-ins.ts";
import type { FetchFile } from "../openai/attachments/fetch-file.ts";
import { openOutbox } from "../outbox/open.ts";
import { createDevicePairing } from "../pairing/devices.ts";
import type { Runs } from "../runs/types.ts";
import type { World } from "../types.ts";
import { openAssistant } from "./assistant.ts";
import { openAutomation } from "./automation.ts";
import { startCare } from "./care.ts";
import { countingCalls } from "./counted-calls.ts";
import type { Health } from "./health.ts";
import { observe } from "./observability.ts";
import type { Opened } from "./opening.ts";
import { answeringStateFaults } from "./state-faults.ts";
import { openStored } from "./stored.ts";
import { openSurfaces } from "./surfaces.ts";

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
  /** Ends the streams of events over HTTP: what is told from now on reaches no reader. */
  endStreams(reason: string): Promise<void>;
}

/** Opens the state, sets up the providers, and takes up the runs of an earlier process. Closed by `opened`. */
export async function openCore(options: CoreOptions, opened: AsyncDisposableStack): Promise<Result<Core>> {
  const { world, config, hub, log, facts, health, metrics } = options;
  const stored = await openStored(options, opened);
  if (!stored.ok) return stored;
  const { state, arrivals, secrets } = stored.value;
  const signIns = signInsOf(world);
  const providers = createProviderBox({
    ...{ config, nowMs: world.nowMs, log: log.target("providers"), signIns },
    ...(options.providers && { extra: options.providers }),
  });
  if (!providers.ok) return providers;
  const heartbeat = opened.use(createHeartbeat({ events: hub, nowMs: world.nowMs }));
  const carried = await openOutbox({ config, world, log, state }, opened);
  if (!carried.ok) return carried;
  const { channels, outbox, replies } = carried.value;
  health.watchChannels(() => channels.counts());
  const assistant = await openAssistant({
    ...options,
    ...{ state, secrets, replies, providers: providers.value },
  });
  const { models, usage, tools, runs, ingress, feed } = assistant;
  const working = {
    world,
    state,
    config,
    hub,
    runs,
    ingress,
    models,
    usage,
    log,
    heartbeat,
    channels,
    outbox,
  };
  const automation = await openAutomation({ ...working, metrics, arrivals }, opened);
  const { systemEvents, cron, hooks } = automation;
  const { devices, audit, sessions } = state;
  const pairing = createDevicePairing({ ...world, devices, audit, hub, log: log.target("pairing") });
  const services: Services = {
    ...{ ...working, systemEvents, cron, hooks, pairing, facts, tools, secrets },
    health: health.now,
  };
  await runs.recover();
  const tasks = await automation.begin();
  startCare({ ...options, state, runs }, opened);
  const observed = observe({ ...options, state, runs, feed }, opened);
  const surfaces = openSurfaces(
    { ...options, ...services, ...assistant, providers: providers.value, signIns },
    opened,
  );
  const sources = [observed.routes, ...surfaces.routes, hooks.routes, tasks.routes];
  return ok({
    ...{ state, runs, models, pairing, arrivals, endStreams: surfaces.endStreams },
    sessionCount: () => sessions.count(),
    channelCounts: () => ({ ...channels.counts(), inError: inError(channels) }),
    reached: models.reached,
    routes: async (settings) => (await Promise.all(sources.map((routes) => routes(settings)))).flat(),
    handlers: countingCalls(answeringStateFaults(createHandlers(services)), metrics),
  });
}

function inError(channels: Pick<ChannelRegistry, "views">): string[] {
  return channels.views().flatMap(({ id, status }) => (status === "error" ? [id] : []));
}
