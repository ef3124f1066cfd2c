import type { LogEntry } from "./ring.ts";

/** One entry as one line of text: the `lines` of `logs.tail`. */
export function formatLine(entry: LogEntry): string {
  const fields = entry.fields === undefined ? "" : ` ${JSON.stringify(entry.fields)}`;
  return `${new Date(entry.timestamp).toISOString()} [${entry.level}] ${entry.target}: ${entry.message}${fields}`;
}

const colours = { trace: 90, debug: 36, info: 32, warn: 33, error: 31 } as const;

/** One entry for a person at a terminal: time of day, level in colour. */
export function formatPretty(entry: LogEntry): string {
  const time = new Date(entry.timestamp).toISOString().slice(11, 19);
  const fields = Object.entries(entry.fields ?? {}).map(
    ([name, value]) =>
      ` \u001b[2m${name}=${typeof value === "string" ? value : JSON.stringify(value)}\u001b[0m`,
  );
  const level = `\u001b[${colours[entry.level]}m${entry.level.padEnd(5)}\u001b[0m`;
  return `${time} ${level} ${entry.target}: ${entry.message}${fields.join("")}`;
}

/** One entry as one line of JSON, for a log collector. */
export function formatJson(entry: LogEntry): string {
  const { seq: _, timestamp, ...rest } = entry;
  return JSON.stringify({ ts: new Date(timestamp).toISOString(), ...rest });
}
