import { z } from "zod";
import { clamped, flag, lenient, methods, optionalText } from "./contract.ts";

const NoParams = z.object({});

/** websocket.md §12.1. `ts` is the process start; anything but `healthy` names its reason. */
export const HealthResult = z.object({
  ts: z.number(),
  status: z.enum(["healthy", "degraded", "unhealthy"]),
  reasons: z.array(z.string()).optional(),
  channels: z.unknown().optional(),
  agent: z.unknown().optional(),
  ws: z.object({
    broadcastDropTotal: z.number(),
    matrixVerificationRateLimitDropTotal: z.number(),
    connectionCount: z.number(),
    maxBufferedBytes: z.number(),
  }),
});
export type HealthResult = z.infer<typeof HealthResult>;

const RuntimeView = z.object({ name: z.string(), platform: z.string(), arch: z.string() });
const ChannelCounts = z.object({ total: z.number(), connected: z.number() });

const StatusResult = z.object({
  ts: z.number(),
  status: z.literal("ok"),
  uptimeMs: z.number(),
  version: z.string(),
  runtime: RuntimeView,
  channels: ChannelCounts,
  sessions: z.object({
    count: z.number(),
    recent: z.array(z.object({ sessionId: z.string(), key: z.string(), updatedAt: z.number() })),
  }),
});

const SystemInfoResult = z.object({
  ts: z.number(),
  uptimeMs: z.number(),
  version: z.string(),
  runtime: RuntimeView,
  configPath: z.string(),
  stateDir: z.string(),
  channels: ChannelCounts,
  sessions: z.object({ count: z.number() }),
  presenceCount: z.number(),
  heartbeat: z.object({ enabled: z.boolean(), intervalMs: z.number(), lastTs: z.number().nullable() }),
});

/** Params of `set-heartbeats`: `interval` is an older name of `intervalMs`. */
const SetHeartbeatsParams = z
  .object({ enabled: flag(true), intervalMs: lenient(z.number()), interval: lenient(z.number()) })
  .transform(({ enabled, intervalMs, interval }) => ({
    enabled,
    intervalMs: Math.min(300_000, Math.max(1000, Math.trunc(intervalMs ?? interval ?? 30_000))),
  }));

export const LogLevel = z.enum(["trace", "debug", "info", "warn", "error"]);
export type LogLevel = z.infer<typeof LogLevel>;

/** One record of the log ring. */
export const LogEntry = z.object({
  seq: z.number(),
  /** RFC 3339. */
  timestamp: z.string(),
  level: z.string(),
  target: z.string(),
  message: z.string(),
  span: z.unknown().optional(),
  fields: z.unknown().optional(),
});
export type LogEntry = z.infer<typeof LogEntry>;

const LogsTailParams = z.object({
  limit: clamped(500, 1, 5000),
  maxBytes: clamped(250_000, 1, 1_000_000),
  cursor: lenient(z.int().min(0)),
  level: optionalLevel(),
  pattern: optionalPattern(),
});

const LogsTailResult = z.object({
  cursor: z.number(),
  size: z.number(),
  entries: z.array(LogEntry),
  /** The same entries as lines of text. */
  lines: z.array(z.string()),
  truncated: z.boolean(),
  reset: z.boolean(),
});

/** Health, logs and what the gateway says of itself (websocket.md §12.1). */
export const healthMethods = methods({
  health: {
    access: "read",
    summary: "Say whether the gateway is healthy",
    params: NoParams,
    result: HealthResult,
  },
  status: {
    access: "read",
    summary: "Summarise version, uptime, channels and recent sessions",
    params: NoParams,
    result: StatusResult,
  },
  "system.info": {
    access: "read",
    summary: "Describe the running gateway and its paths",
    params: NoParams,
    result: SystemInfoResult,
  },
  "logs.tail": {
    access: "read",
    summary: "Read the newest log records",
    params: LogsTailParams,
    result: LogsTailResult,
  },
  "last-heartbeat": {
    access: "read",
    summary: "Say when the last heartbeat was",
    params: NoParams,
    result: z.object({ ts: z.number() }).nullable(),
  },
  "set-heartbeats": {
    access: "write",
    summary: "Switch heartbeat events on or off and set their interval",
    params: SetHeartbeatsParams,
    result: z.object({ ok: z.literal(true), enabled: z.boolean(), intervalMs: z.number() }),
  },
});

function optionalLevel() {
  return lenient(z.string()).transform((level, context) => {
    if (level === undefined) return undefined;
    const known = LogLevel.safeParse(level.toLowerCase());
    if (known.success) return known.data;
    context.addIssue({ code: "custom", message: `invalid log level: unknown log level: ${level}` });
    return z.NEVER;
  });
}

/** A regular expression for a record's target, as text; it is tried here, so that its user need not. */
function optionalPattern() {
  return optionalText().refine(
    (pattern) => pattern === undefined || isPattern(pattern),
    "invalid logs.tail pattern regex",
  );
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
