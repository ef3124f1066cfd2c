export type { Gateway, StartOptions } from "./compose.ts";
export { startGateway } from "./compose.ts";
export { formatJson, formatLine, formatPretty } from "./log/format.ts";
export type { LogLevel } from "./log/level.ts";
export { parseLogLevel } from "./log/level.ts";
export type { LogLook } from "./log/log.ts";
export type { LogEntry } from "./log/ring.ts";
