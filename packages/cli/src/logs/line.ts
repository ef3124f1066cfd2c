import type { LogEntry } from "@carapace/protocol";
import { cleanJson, cleanLine } from "../output/clean.ts";
import { compactJson } from "../output/json.ts";

/** A record as one line of JSON with sorted keys. */
export function jsonLine(entry: LogEntry): string {
  return compactJson(cleanJson(entry));
}

/** `<RFC 3339>Z [level] target: message name=value …`, on one line whatever the record holds (cli.md §3.4). */
export function logLine(entry: LogEntry): string {
  const given = typeof entry.fields === "object" ? (entry.fields ?? {}) : {};
  const fields = Object.entries(given).map(([name, value]) => ` ${name}=${fieldText(value)}`);
  return cleanLine(`${entry.timestamp} [${entry.level}] ${entry.target}: ${entry.message}${fields.join("")}`);
}

/** As it is if it is one word, else as JSON: where a value ends must be plain to see. */
function fieldText(value: unknown): string {
  return typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : compactJson(value);
}
