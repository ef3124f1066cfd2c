export { Block, StopReason, TokenUsage, Role, textOf } from "./content.ts";
export type { ToolResultBlock, ToolUseBlock } from "./content.ts";
export { failures, ok, refuse, unreachable } from "./failures.ts";
export type { FailureCode, Refusal, Result } from "./failures.ts";
export { isRecord, JsonValue } from "./json.ts";
export type { Json, JsonObject } from "./json.ts";
export { hintedSessionKey, RunId, SessionKey } from "./keys.ts";
export { isTrusted, mixOrigins, Origin, OriginKind } from "./origin.ts";
