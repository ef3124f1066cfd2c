export type { Grant, KnownMethod, OperatorAccess } from "./access.ts";
export { denyMethod, isKnownMethod, methodAccess, satisfiesAccess, satisfiesScope } from "./access.ts";
export { JobPayload, payloadFault } from "./automation/payload.ts";
export { LooseSchedule, type Schedule } from "./automation/schedule.ts";
export type { BlockMetadata, MediaBlock, ToolResultBlock, ToolUseBlock } from "./content.ts";
export { Block, mediaNote, Role, StopReason, TokenUsage, textOf } from "./content.ts";
export type { Audience, EventName, EventPayload, GatewayEvent } from "./events/index.ts";
export { eventContracts, isEventName, mayReceive } from "./events/index.ts";
export { PresenceEntry, publicPresence } from "./events/presence.ts";
export { AgentEvent, ChatEvent, TruncatedAgentEvent, Truncation } from "./events/run-events.ts";
export type { FailureCode, Refusal, Result } from "./failures.ts";
export { failures, ok, refuse, unreachable } from "./failures.ts";
export type { Close } from "./frames/close.ts";
export { closeCodes, closeReason, closes, policyClose, tooDeep } from "./frames/close.ts";
export { exceedsDepth } from "./frames/depth.ts";
export type { EventPosition } from "./frames/frames.ts";
export {
  ErrorShape,
  EventFrame,
  errorShape,
  eventFrame,
  RequestFrame,
  ResponseFrame,
  responseError,
  responseOk,
  StateVersion,
} from "./frames/frames.ts";
export { policy, wireLimits } from "./frames/limits.ts";
export type { Inbound } from "./frames/read.ts";
export { readRequest, readServerFrame } from "./frames/read.ts";
export { ClientId, ClientMode, isControlUi } from "./handshake/clients.ts";
export type { ConnectRequest } from "./handshake/connect.ts";
export {
  ConnectAuth,
  ConnectClient,
  ConnectDevice,
  ConnectionRole,
  ConnectParams,
  negotiateProtocol,
  requestedScopes,
} from "./handshake/connect.ts";
export { decodeKeyBytes, deviceIdOf, encodeKeyBytes } from "./handshake/device-key.ts";
export type { SignedFields } from "./handshake/device-signature.ts";
export { signedTextV1, signedTextV2, signedTextV3 } from "./handshake/device-signature.ts";
export { ConnectChallenge, HelloOk } from "./handshake/hello.ts";
export type { ProviderStatus } from "./http/control.ts";
export { ChannelStatus, controlBodies } from "./http/control.ts";
export { healthBodies } from "./http/health.ts";
export type { Json, JsonObject } from "./json.ts";
export { isJson, isRecord, JsonValue, parseJson } from "./json.ts";
export { hintedSessionKey, RunId, SessionKey } from "./keys.ts";
export type { TurnParams } from "./methods/chat.ts";
export { DuplicateRun } from "./methods/chat.ts";
export { ConfigIssue } from "./methods/config.ts";
export type { MethodAccess, MethodContract } from "./methods/contract.ts";
export type { CronJobView, CronOptions, CronRunView } from "./methods/cron.ts";
export { CronAlert, CronBudget } from "./methods/cron.ts";
export { DeviceRequest, PairedDeviceView } from "./methods/devices.ts";
export { HealthResult, LogEntry, LogLevel } from "./methods/health.ts";
export type { LaterMethod, MethodInput, MethodName, MethodParams, MethodResult } from "./methods/index.ts";
export { isMethodName, laterMethods, methodContracts, readParams, readResult } from "./methods/index.ts";
export type { MetadataParams, SessionNames } from "./methods/metadata-params.ts";
export { once } from "./once.ts";
export { isTrusted, mixOrigins, Origin, OriginKind } from "./origin.ts";
export type { TextPattern } from "./pattern/pattern.ts";
export {
  MessageView,
  SessionDefaults,
  SessionEntry,
  SessionKind,
  SessionRow,
  SessionStatusView,
  sessionKind,
} from "./session-view.ts";
export { unlessAborted } from "./unless-aborted.ts";
export { protocolRange, version } from "./version.ts";
