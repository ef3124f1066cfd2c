import { createSeriesRedactor } from "@carapace/config/redaction";
import { createFieldRedactor } from "./fields.ts";
import { isAtLeast, type LogLevel } from "./level.ts";
import { createLogRing, type LogEntry, type LogRing } from "./ring.ts";

/** What a part of the gateway writes its log with; it never fails. Fields are redacted by name and by shape. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
type LogFields = Readonly<Record<string, unknown>>;

/** Who speaks, and how loud. */
interface Place {
  readonly at: LogLevel;
  readonly target: string;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly nowMs: () => number;
  /** Gets each entry at or above the level; absent: the log is only kept in memory. */
  readonly write?: (entry: LogEntry, look: LogLook) => void;
}

/** How the owner wants lines to look (`logging` in the configuration). */
export interface LogLook {
  /** Whatever it is written to. */
  readonly format?: "json" | "text" | undefined;
  /** At a terminal. */
  readonly consoleStyle: "pretty" | "compact" | "json";
}

/** The log of one gateway: it owns its ring and its writer, and shares nothing with another's. */
export interface GatewayLog extends Disposable {
  /** @param target The part that speaks: `runs`, `config`, … */
  target(name: string): Log;
  readonly ring: LogRing;
  setLevel(level: LogLevel): void;
  setLook(look: LogLook): void;
  /** Secrets to mask wherever they occur from now on. */
  setSecrets(secrets: readonly string[]): void;
}

/** Opens a log: it keeps the newest 1000 entries and hands them on (state.md §10). Closed, it takes no more. */
export function openLog(options: LogOptions): GatewayLog {
  const ring = createLogRing();
  let { level } = options;
  let look: LogLook = { consoleStyle: "pretty" };
  let redactor = createFieldRedactor([]);
  // A part may tell something line by line: its messages are read as one text.
  const messages = new Map<string, (text: string) => string>();
  let isOpen = true;

  function add({ at, target }: Place, message: string, fields: LogFields = {}): void {
    if (!isOpen || !isAtLeast(at, level)) return;
    const shown = Object.entries(fields).map((field) => redactor.field(...field));
    const entry = ring.push({
      timestamp: options.nowMs(),
      level: at,
      target,
      message: messageOf(target, message),
      ...(shown.length > 0 && { fields: Object.fromEntries(shown) }),
    });
    try {
      options.write?.(entry, look);
    } catch {
      // Whatever is being told about must not fail because nobody can read of it; the ring has the entry.
    }
  }

  function messageOf(target: string, message: string): string {
    const known = messages.get(target);
    const redact = known ?? createSeriesRedactor((text) => redactor.text(text));
    if (known === undefined) messages.set(target, redact);
    return redact(message);
  }

  return {
    target: (name) => ({
      debug: (message, fields) => add({ at: "debug", target: name }, message, fields),
      info: (message, fields) => add({ at: "info", target: name }, message, fields),
      warn: (message, fields) => add({ at: "warn", target: name }, message, fields),
      error: (message, fields) => add({ at: "error", target: name }, message, fields),
    }),
    ring,
    setLevel(next) {
      level = next;
    },
    setLook(next) {
      look = next;
    },
    setSecrets(next) {
      redactor = createFieldRedactor(next);
    },
    [Symbol.dispose]() {
      isOpen = false;
    },
  };
}
