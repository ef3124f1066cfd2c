/** What one metric is (http.md §7); names get the prefix `carapace_`. */
interface MetricSource {
  readonly kind: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels?: readonly string[];
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
}

const quick = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
const long = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600] as const;

/** Every metric: the reference's 26 (http.md §7), and what this gateway adds. */
export const metricCatalog = {
  agent_runs_total: {
    kind: "counter",
    help: "Turns of the assistant that began, by the model that answers",
    labels: ["provider", "model"],
  },
  agent_runs_ended_total: { kind: "counter", help: "Turns that ended, by how", labels: ["outcome"] },
  agent_run_duration_seconds: {
    kind: "histogram",
    help: "Time from a turn's start to its end",
    buckets: long,
  },
  agent_first_text_seconds: {
    kind: "histogram",
    help: "Time from a turn's start to its first text",
    buckets: quick,
  },
  agent_runs_unfinished: { kind: "gauge", help: "Turns that wait or run" },
  agent_tokens_total: {
    kind: "counter",
    help: "Tokens of model calls: input, output",
    labels: ["direction"],
  },
  agent_failovers_total: { kind: "counter", help: "Turns that went on with another model", labels: ["from"] },
  approvals_pending: { kind: "gauge", help: "Actions that wait for the owner's approval" },
  build_info: { kind: "gauge", help: "Always 1, with the version", labels: ["version"] },
  cron_executions_total: { kind: "counter", help: "Ended runs of scheduled jobs", labels: ["status"] },
  disk_free_bytes: { kind: "gauge", help: "Free bytes where the state is kept" },
  hook_calls_total: { kind: "counter", help: "Calls of hooks, by what became of them", labels: ["outcome"] },
  http_request_duration_seconds: {
    kind: "histogram",
    help: "Time to an answer's headers",
    labels: ["family"],
    buckets: quick,
  },
  http_requests_total: {
    kind: "counter",
    help: "HTTP requests answered; path is the route's pattern",
    labels: ["method", "path", "status"],
  },
  matrix_dlq_records: { kind: "gauge", help: "Matrix messages that could not be taken in" },
  matrix_inbound_dispatch_failures_total: {
    kind: "counter",
    help: "Matrix messages that failed on their way in",
    labels: ["failure_stage"],
  },
  matrix_inbound_dlq_lost_event_ids_total: {
    kind: "counter",
    help: "Matrix events whose failure could not be kept",
  },
  matrix_outbound_send_duration_seconds: {
    kind: "histogram",
    help: "Time to send a Matrix message",
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  matrix_pending_verifications: { kind: "gauge", help: "Matrix verifications under way" },
  matrix_sync_cycle_seconds: {
    kind: "histogram",
    help: "Length of a Matrix sync",
    buckets: [1, 5, 10, 30, 60, 120, 300],
  },
  matrix_sync_failures_total: { kind: "counter", help: "Matrix syncs that failed", labels: ["class"] },
  matrix_unsupported_inbound_total: {
    kind: "counter",
    help: "Matrix messages of a kind that is not read",
    labels: ["kind"],
  },
  matrix_verification_rate_limit_drops_total: {
    kind: "counter",
    help: "Matrix verification requests dropped",
  },
  memory_rss_bytes: { kind: "gauge", help: "Resident memory of the gateway" },
  open_fds: { kind: "gauge", help: "Open file descriptors" },
  outbox_messages: { kind: "gauge", help: "Messages on their way out" },
  provider_failures_total: { kind: "counter", help: "Turns that failed, by provider", labels: ["provider"] },
  rate_limit_hits_total: {
    kind: "counter",
    help: "HTTP requests refused for their rate",
    labels: ["endpoint"],
  },
  resource_uptime_seconds: { kind: "gauge", help: "Uptime when resources were last looked at" },
  sessions_active: { kind: "gauge", help: "Stored conversations" },
  tasks: { kind: "gauge", help: "Durable tasks, by state", labels: ["state"] },
  tool_calls_total: { kind: "counter", help: "Tool calls that ended", labels: ["tool", "outcome"] },
  uptime_seconds: { kind: "gauge", help: "Time since the gateway started" },
  ws_broadcast_drops_total: { kind: "counter", help: "Events cut, replaced or lost with a slow connection" },
  ws_connections_active: { kind: "gauge", help: "Authenticated WebSocket connections" },
  ws_connections_limited_active: { kind: "gauge", help: "Open sockets that count against the limits" },
  ws_connections_rejected_total: { kind: "counter", help: "WebSocket connections refused for their number" },
  ws_messages_total: { kind: "counter", help: "WebSocket requests", labels: ["method"] },
} as const satisfies Readonly<Record<string, MetricSource>>;

type Catalog = typeof metricCatalog;
export type MetricName = keyof Catalog;
/** The names of a kind. */
export type NameOf<K extends MetricSource["kind"]> = {
  [N in MetricName]: Catalog[N]["kind"] extends K ? N : never;
}[MetricName];
/** What has to be said of a series, by name. */
export type LabelsOf<N extends MetricName> = Catalog[N] extends { readonly labels: readonly (infer L)[] }
  ? Readonly<Record<Extract<L, string>, string>>
  : Readonly<Record<never, string>>;

export function sourceOf(name: MetricName): MetricSource {
  return metricCatalog[name];
}
