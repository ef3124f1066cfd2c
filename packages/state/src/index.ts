export type { StateFailureCode } from "./errors.ts";
export { StateError, stateFailures } from "./errors.ts";
export { fileKeyStore } from "./keys/file-store.ts";
export type { KeyLocation } from "./keys/location.ts";
export { keyLocation } from "./keys/location.ts";
export type { KeyPlaces, StateKeyStore } from "./keys/places.ts";
export { stateKeys } from "./keys/places.ts";
export type { SystemKeys } from "./keys/system.ts";
export { systemStateKeys } from "./keys/system.ts";
export type { InstanceLock } from "./lock/instance.ts";
export { acquireInstanceLock } from "./lock/instance.ts";
export { noteLimits } from "./memory/memory.ts";
export type { OpenStateOptions } from "./open.ts";
export { openState } from "./open.ts";
export { finishPendingChange } from "./pending.ts";
export type {
  AcceptRun,
  Archive,
  Compaction,
  Damage,
  DeviceRepository,
  DeviceToken,
  HistoryRange,
  KeyStore,
  MemoryEntry,
  MemoryRepository,
  Message,
  NewMessage,
  PairedDevice,
  PairingRequest,
  Run,
  RunEnd,
  RunJournal,
  RunOutcome,
  RunStatus,
  SearchHit,
  Session,
  SessionFilter,
  SessionMetadata,
  SessionRepository,
  SessionStatus,
  SettingRepository,
  State,
  UsageDay,
  UsageEntry,
  UsageOfSession,
  UsageRepository,
  UsageSums,
} from "./types.ts";
