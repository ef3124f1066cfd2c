import { z } from "zod";
import { compilePattern } from "../pattern/pattern.ts";
import { Bool, MaybeAnything, MaybeText, NullableNum, Num, Text, Texts, True } from "../scalars.ts";
import { clamped, defaultTrue, lenient, methods, NoParams, optionalText } from "./contract.ts";

const HealthStatus = () => z.enum(["healthy", "degraded", "unhealthy"]);

/** websocket.md §12.1. `ts` is the process start; anything but `healthy` names its reason. */
export const HealthResult = z.object({
  ts: Num,
  status: HealthStatus(),
  reasons: Texts.optional(),
  channels: MaybeAnything,
  agent: MaybeAnything,
  ws: z.object({
    broadcastDropTotal: Num,
    matrixVerificationRateLimitDropTotal: Num,
    connectionCount: Num,
    maxBufferedBytes: Num,
  }),
});
export type HealthResult = z.infer<typeof HealthResult>;

const RuntimeView = () => z.object({ name: Text, platform: Text, arch: Text });
const ChannelCounts = () => z.object({ total: Num, connected: Num });

const StatusResult = () =>
  z.object({
    ts: Num,
    status: z.literal("ok"),
    /** As `health` says it; absent from other gateways. */
    health: HealthStatus().optional(),
    reasons: Texts.optional(),
    uptimeMs: Num,
    version: Text,
    runtime: RuntimeView(),
    channels: ChannelCounts(),
    sessions: z.object({
      count: Num,
      recent: z.array(z.object({ sessionId: Text, key: Text, updatedAt: Num })),
    }),
    /** Models that failed and are not asked until then, as long as a fallback answers; absent without any. */
    resting: z.array(z.object({ model: Text, until: Num, reason: Text })).optional(),
  });

const SystemInfoResult = () =>
  z.object({
    ts: Num,
    uptimeMs: Num,
    version: Text,
    runtime: RuntimeView(),
    configPath: Text,
    stateDir: Text,
    channels: ChannelCounts(),
    sessions: z.object({ count: Num }),
    presenceCount: Num,
    heartbeat: z.object({ enabled: Bool, intervalMs: Num, lastTs: NullableNum }),
    /** Events that the next heartbeat tells; `reason` says why they still wait if no turn could tell them. */
    systemEvents: z.object({ pending: Num, reason: MaybeText }).optional(),
  });

/** Params of `set-heartbeats`: `interval` is an older name of `intervalMs`. */
const SetHeartbeatsParams = () =>
  z
    .object({ enabled: defaultTrue, intervalMs: lenient(Num), interval: lenient(Num) })
    .transform(({ enabled, intervalMs, interval }) => ({
      enabled,
      intervalMs: Math.min(300_000, Math.max(1000, Math.trunc(intervalMs ?? interval ?? 30_000))),
    }));

export const LogLevel = z.enum(["trace", "debug", "info", "warn", "error"]);
export type LogLevel = z.infer<typeof LogLevel>;

/** One record of the log ring. */
export const LogEntry = z.object({
  seq: Num,
  /** RFC 3339. */
  timestamp: Text,
  level: Text,
  target: Text,
  message: Text,
  span: MaybeAnything,
  fields: MaybeAnything,
});
export type LogEntry = z.infer<typeof LogEntry>;

const LogsTailParams = () =>
  z.object({
    limit: clamped(500, 1, 5000),
    maxBytes: clamped(250_000, 1, 1_000_000),
    cursor: lenient(z.int().min(0)),
    level: optionalLevel(),
    pattern: optionalPattern(),
  });

const LogsTailResult = () =>
  z.object({
    cursor: Num,
    size: Num,
    entries: z.array(LogEntry),
    /** The same entries as lines of text. */
    lines: Texts,
    truncated: Bool,
    reset: Bool,
  });

/** Health, logs and what the gateway says of itself (websocket.md §12.1). */
export const healthMethods = methods({
  health: {
    access: "read",
    summary: "Say whether the gateway is healthy",
    params: NoParams,
    result: () => HealthResult,
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
    result: () => z.object({ ts: Num }).nullable(),
  },
  "set-heartbeats": {
    access: "write",
    summary: "Switch heartbeat events on or off and set their interval",
    params: SetHeartbeatsParams,
    result: () => z.object({ ok: True, enabled: Bool, intervalMs: Num }),
  },
});

function optionalLevel() {
  return lenient(Text).transform((level, context) => {
    if (level === undefined) return undefined;
    const known = LogLevel.safeParse(level.toLowerCase());
    if (known.success) return known.data;
    context.addIssue({ code: "custom", message: `invalid log level: unknown log level: ${level}` });
    return z.NEVER;
  });
}

/** A pattern for a record's target, compiled (see {@link compilePattern}). */
function optionalPattern() {
  return optionalText.transform((text, context) => {
    if (text === undefined) return undefined;
    const pattern = compilePattern(text);
    if (pattern !== undefined) return pattern;
    context.addIssue({ code: "custom", message: "invalid logs.tail pattern regex" });
    return z.NEVER;
  });
}
