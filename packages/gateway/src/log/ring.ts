import type { LogLevel } from "./level.ts";

/** One line of the log, free of secrets and control characters. */
export interface LogEntry {
  /** 1 for the first entry of the process; no gaps. */
  readonly seq: number;
  /** Unix ms. */
  readonly timestamp: number;
  readonly level: LogLevel;
  /** Which part speaks: `gateway`, `runs`, `config`, … */
  readonly target: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** The newest entries of the log, for `logs.tail`. */
export interface LogRing {
  push(entry: Omit<LogEntry, "seq">): LogEntry;
  /** Oldest first. */
  entries(): readonly LogEntry[];
}

/** @param capacity How many entries are kept; the oldest goes first. */
export function createLogRing(capacity = 1000): LogRing {
  const kept: LogEntry[] = [];
  let seq = 0;
  return {
    push(entry) {
      seq += 1;
      const numbered = { seq, ...entry };
      kept.push(numbered);
      if (kept.length > capacity) kept.shift();
      return numbered;
    },
    entries: () => kept,
  };
}
