import type { ConfigStore } from "@carapace/config";
import { type State, TaskState } from "@carapace/state";
import type { Hub } from "../connection/hub.ts";
import type { RouteSource } from "../http/route.ts";
import type { GatewayLog } from "../log/log.ts";
import type { GatewayFacts } from "../methods/services.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { metricsRoutes } from "../metrics/route.ts";
import { countRuns } from "../metrics/run-metrics.ts";
import { resourceLimits } from "../resources/limits.ts";
import { type ResourceMonitor, startResourceMonitor } from "../resources/monitor.ts";
import type { RunFeed } from "../runs/feed.ts";
import type { Runs } from "../runs/types.ts";
import { followTracing } from "../tracing/follow.ts";
import type { World } from "../types.ts";
import type { Health } from "./health.ts";

export interface ObservabilityParts {
  readonly metrics: Metrics;
  readonly feed: RunFeed;
  readonly runs: Pick<Runs, "size">;
  readonly state: Pick<State, "sessions" | "outbox" | "tasks">;
  readonly hub: Hub;
  readonly config: ConfigStore;
  readonly health: Health;
  readonly facts: GatewayFacts;
  readonly world: World;
  readonly log: GatewayLog;
}

/** Figures, traces and the watch over what the process uses. Closed by `opened`. */
export function observe(
  parts: ObservabilityParts,
  opened: AsyncDisposableStack,
): { readonly routes: RouteSource; readonly monitor: ResourceMonitor } {
  const { metrics, feed, config, world, facts, log, health } = parts;
  const uptimeSeconds = () => Math.max(0, Math.floor((world.nowMs() - facts.startedAtMs) / 1000));
  opened.use(countRuns(feed, metrics, world.nowMs));
  opened.use(followTracing({ feed, config, facts, world, log: log.target("tracing") }));
  const monitor = opened.use(
    startResourceMonitor({
      stateDir: facts.stateDir,
      limits: () => resourceLimits(config.current().config),
      uptimeSeconds,
      log: log.target("resources"),
      onTrouble: (reasons) => health.resources(reasons),
    }),
  );
  readGauges(parts, monitor, uptimeSeconds);
  return { routes: metricsRoutes(metrics), monitor };
}

/** What is kept elsewhere, and asked for when somebody looks. */
function readGauges(
  { metrics, state, runs, hub, facts }: ObservabilityParts,
  monitor: ResourceMonitor,
  uptimeSeconds: () => number,
): void {
  const resources = async () => monitor.latest() ?? (await monitor.look());
  metrics.read("build_info", () => new Map([[facts.version, 1]]));
  metrics.read("uptime_seconds", uptimeSeconds);
  metrics.read("sessions_active", () => state.sessions.count());
  metrics.read("agent_runs_unfinished", () => runs.size());
  metrics.read("tasks", () => taskCounts(state.tasks));
  metrics.read("outbox_messages", () => state.outbox.pending());
  metrics.read("ws_connections_active", () => hub.counters().connectionCount);
  metrics.read("ws_broadcast_drops_total", () => hub.counters().broadcastDropTotal);
  metrics.read("disk_free_bytes", async () => (await resources()).diskFreeBytes);
  metrics.read("memory_rss_bytes", async () => (await resources()).memoryRssBytes);
  metrics.read("open_fds", async () => (await resources()).openFds);
  metrics.read("resource_uptime_seconds", async () => (await resources()).uptimeSeconds);
  // What waits for the owner's word, and Matrix, come with their parts: until then there is nothing to count.
  for (const name of ["approvals_pending", "matrix_dlq_records", "matrix_pending_verifications"] as const)
    metrics.read(name, () => 0);
}

/** Every state, so that a figure goes back to zero. */
async function taskCounts(tasks: State["tasks"]): Promise<ReadonlyMap<string, number>> {
  const counts = TaskState.options.map(async (state): Promise<[string, number]> => {
    const { total } = await tasks.page("tasks", { state, limit: 1 });
    return [state, total];
  });
  return new Map(await Promise.all(counts));
}
