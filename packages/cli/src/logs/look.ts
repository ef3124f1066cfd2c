import type { LogEntry, LogLook } from "@carapace/gateway";

/** The ways to write an entry as a line. */
export interface LineForms {
  readonly json: (entry: LogEntry) => string;
  readonly line: (entry: LogEntry) => string;
  readonly pretty: (entry: LogEntry) => string;
}

/** What the lines are written to, and for whom. */
export interface LineReader {
  readonly isTerminal: boolean;
  readonly hasColours: boolean;
  /** `CARAPACE_DEV` (cli.md §1): a developer reads lines of text, wherever they go. */
  readonly isDevelopment: boolean;
}

/** Pure. Lines of JSON for programs, readable ones for a person at a terminal, unless the owner decided otherwise. */
export function chooseForm({ json, line, pretty }: LineForms, reader: LineReader, look: LogLook) {
  const isPretty = reader.isTerminal && reader.hasColours && look.consoleStyle !== "compact";
  const text = isPretty ? pretty : line;
  if (reader.isDevelopment || look.format === "text") return text;
  if (look.format === "json" || !reader.isTerminal || look.consoleStyle === "json") return json;
  return text;
}
