export type { AnswerClaim, AnswerRepository } from "./answers/types.ts";
export type { AppendAuditOptions } from "./audit/append.ts";
export { appendAudit } from "./audit/append.ts";
export type { AuditFields } from "./audit/canonical-json.ts";
export type { AuditFinding, AuditReport } from "./audit/chain-checker.ts";
export type { AuditEvent } from "./audit/entry.ts";
export type { AuditHead } from "./audit/head.ts";
export type { AuditData, AuditKind } from "./audit/kinds.ts";
export type { OpenAuditOptions } from "./audit/open.ts";
export { openAudit } from "./audit/open.ts";
export type { AuditRecord } from "./audit/record.ts";
export type { AuditQuery } from "./audit/table.ts";
export type { ToldEvent } from "./audit/told.ts";
export { readTold } from "./audit/told.ts";
export type {
  Audit,
  AuditBounds,
  AuditPage,
  AuditReader,
  AuditRetention,
  ForeignLine,
} from "./audit/types.ts";
export type { CronJob, CronRepository, CronRun, CronRunRepository } from "./cron/types.ts";
export type { DeviceRepository, DeviceToken, PairedDevice, PairingRequest } from "./devices/types.ts";
export type { StateFailureCode } from "./errors.ts";
export { StateError, stateFailures } from "./errors.ts";
export type { HookDelivery, HookDeliveryRepository } from "./hook-deliveries/types.ts";
export { fileKeyStore } from "./keys/file-store.ts";
export type { KeyLocation } from "./keys/location.ts";
export { keyLocation } from "./keys/location.ts";
export type { KeyPlaces, StateKeyStore } from "./keys/places.ts";
export { stateKeys } from "./keys/places.ts";
export type { SystemKeys } from "./keys/system.ts";
export { systemStateKeys } from "./keys/system.ts";
export type { InstanceLock } from "./lock/instance.ts";
export { acquireInstanceLock } from "./lock/instance.ts";
export type { Media, MediaRepository, NewMedia } from "./media/types.ts";
export { noteLimits } from "./memory/memory.ts";
export type { MemoryEntry, MemoryRepository } from "./memory/types.ts";
export type { OpenStateOptions } from "./open.ts";
export { openState } from "./open.ts";
export type {
  AddedMessage,
  NewOutboxMessage,
  OutboxFilter,
  OutboxMessage,
  OutboxPart,
  OutboxRepository,
  WaitingMessage,
} from "./outbox/types.ts";
export { OutboxStatus } from "./outbox/types.ts";
export { finishPendingChange } from "./pending.ts";
export type { ResponseRepository, StoredResponse } from "./responses/types.ts";
export type { SystemEvent, SystemEventRepository } from "./system-events/types.ts";
export type {
  TaskAddition,
  TaskChange,
  TaskFilter,
  TaskPage,
  TaskPlace,
  TaskRepository,
} from "./tasks/types.ts";
export { Task, TaskState } from "./tasks/types.ts";
export type {
  AcceptRun,
  Archive,
  Compaction,
  Damage,
  HistoryRange,
  KeyStore,
  Message,
  NewMessage,
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
} from "./types.ts";
export type { UsageDay, UsageEntry, UsageOfSession, UsageRepository, UsageSums } from "./usage/types.ts";
