import { configureSync, getConfig, getLogger, type LogRecord, resetSync, type Sink } from "@logtape/logtape";
import { isAtLeast, type LogLevel, parseLogLevel } from "./level.ts";
import { redactField, redactText } from "./redact.ts";
import { createLogRing, type LogEntry, type LogRing } from "./ring.ts";

/** What a part of the gateway writes its log with. Fields are redacted by name and by shape before they are kept. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
type LogFields = Readonly<Record<string, unknown>>;

export interface LogOptions {
  readonly level: LogLevel;
  /** Gets each entry at or above the level; absent: the log is only kept in memory. */
  readonly write?: (entry: LogEntry) => void;
}

/** The log of one gateway. */
export interface GatewayLog extends Disposable {
  /** @param target The part that speaks: `runs`, `config`, … */
  target(name: string): Log;
  readonly ring: LogRing;
  setLevel(level: LogLevel): void;
  /** Secrets to mask wherever they occur from now on. */
  setSecrets(secrets: readonly string[]): void;
}

const category = "carapace";

/** LogTape keeps one configuration a process; several gateways in one process listen to it together. */
interface SharedSink extends Sink {
  readonly listeners: Set<(record: LogRecord) => void>;
}

function isShared(sink: Sink | undefined): sink is SharedSink {
  return sink !== undefined && "listeners" in sink && sink.listeners instanceof Set;
}

function sharedSink(): SharedSink {
  const present = getConfig()?.sinks[category];
  if (isShared(present)) return present;
  const listeners = new Set<(record: LogRecord) => void>();
  const sink: SharedSink = Object.assign(
    (record: LogRecord) => {
      for (const listener of listeners) listener(record);
    },
    { listeners },
  );
  configureSync({
    reset: true,
    sinks: { [category]: sink },
    loggers: [
      { category, sinks: [category], lowestLevel: "trace" },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "error" },
    ],
  });
  return sink;
}

function toEntry(record: LogRecord, secrets: readonly string[]): Omit<LogEntry, "seq"> {
  const entry = {
    timestamp: record.timestamp,
    level: parseLogLevel(record.level) ?? "info",
    target: record.category.slice(1).join(".") || category,
    message: redactText(record.message.map(String).join(""), secrets),
  } as const;
  const fields = Object.entries(record.properties).map(
    ([name, value]) => [name, redactField(name, value, secrets)] as const,
  );
  return fields.length === 0 ? entry : { ...entry, fields: Object.fromEntries(fields) };
}

function targetLog(name: string): Log {
  const logger = getLogger([category, ...name.split(".")]);
  return {
    debug: (message, fields = {}) => logger.debug(message, { ...fields }),
    info: (message, fields = {}) => logger.info(message, { ...fields }),
    warn: (message, fields = {}) => logger.warn(message, { ...fields }),
    error: (message, fields = {}) => logger.error(message, { ...fields }),
  };
}

/** Starts listening to the process's log: keeps the newest 1000 entries and hands them on (state.md §10). */
export function openLog(options: LogOptions): GatewayLog {
  const sink = sharedSink();
  const ring = createLogRing();
  let level = options.level;
  let secrets: readonly string[] = [];
  const listen = (record: LogRecord) => {
    if (!isAtLeast(parseLogLevel(record.level) ?? "info", level)) return;
    const entry = ring.push(toEntry(record, secrets));
    options.write?.(entry);
  };
  sink.listeners.add(listen);
  return {
    target: targetLog,
    ring,
    setLevel(next) {
      level = next;
    },
    setSecrets(next) {
      secrets = [...next];
    },
    [Symbol.dispose]() {
      sink.listeners.delete(listen);
      if (sink.listeners.size === 0) resetSync();
    },
  };
}
