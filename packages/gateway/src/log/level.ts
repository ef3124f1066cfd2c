/** Levels of the log, as the wire names them (websocket.md §12.1), from chatty to grave. */
const logLevels = ["trace", "debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** @returns undefined for a word that is no level; `warning` and `fatal` are understood too. */
export function parseLogLevel(text: string | undefined): LogLevel | undefined {
  const word = text?.trim().toLowerCase();
  if (word === "warning") return "warn";
  if (word === "fatal") return "error";
  return logLevels.find((level) => level === word);
}

export function isAtLeast(level: LogLevel, threshold: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(threshold);
}
