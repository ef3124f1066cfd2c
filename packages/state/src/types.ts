import type { Block, Origin, Role, RunId, SessionKey, StopReason, TokenUsage } from "@carapace/protocol";
import type { AnswerRepository } from "./answers/types.ts";
import type { Audit } from "./audit/types.ts";
import type { CronRepository, CronRunRepository } from "./cron/types.ts";
import type { DeviceRepository } from "./devices/types.ts";
import type { HookDeliveryRepository } from "./hook-deliveries/types.ts";
import type { MediaRepository } from "./media/types.ts";
import type { MemoryRepository } from "./memory/types.ts";
import type { NewOutboxMessage, OutboxRepository } from "./outbox/types.ts";
import type {
  ImportOptions,
  ImportReport,
  PortableItem,
  PortableOutput,
  WriteOptions,
} from "./portable/types.ts";
import type { ProfileRepository } from "./profiles/types.ts";
import type { ApprovalRepository, GatewayRepository, NodeRepository } from "./registries/types.ts";
import type { ResponseRepository } from "./responses/types.ts";
import type { SystemEventRepository } from "./system-events/types.ts";
import type { TaskRepository } from "./tasks/types.ts";
import type { UsageEntry, UsageRepository } from "./usage/types.ts";

/** All times are Unix milliseconds. Every method is async: a second implementation will talk over a network. */

export type SessionStatus = "active" | "paused" | "archived" | "compacting";

/** What callers may say of a session (state.md §3.1 `metadata`; the SM params of websocket.md §12.4). */
export interface SessionMetadata {
  readonly name?: string;
  readonly description?: string;
  readonly agentId?: string;
  readonly channel?: string;
  readonly chatId?: string;
  readonly userId?: string;
  readonly route?: string;
  readonly model?: string;
  readonly thinkingLevel?: string;
  readonly tags?: readonly string[];
  readonly extra?: unknown;
  /** What the reference's file of an imported session held that has no place here (portable/facts.ts). */
  readonly reference?: unknown;
}

export interface Session {
  readonly id: string;
  readonly key: SessionKey;
  readonly status: SessionStatus;
  readonly metadata: SessionMetadata;
  readonly messageCount: number;
  readonly createdAtMs: number;
  /** Strictly increasing per session. */
  readonly updatedAtMs: number;
  /** Set when a record of the session did not verify: it stays readable, is never written to again, never sent to a model. */
  readonly damage?: Damage;
}

/** A failed integrity check, in words for a person. */
export interface Damage {
  readonly scope: "session" | "memory" | "database";
  /** The session key, the agent id, the record (`device …`), or the file. */
  readonly name: string;
  readonly say: string;
}

export interface NewMessage {
  /** Given by the caller so that it can be acknowledged before it is in history; a UUID. */
  readonly id: string;
  readonly role: Role;
  readonly blocks: readonly Block[];
  readonly createdAtMs: number;
  readonly runId?: RunId;
  /** Output tokens of the turn. */
  readonly tokens?: number;
  readonly metadata?: { readonly [key: string]: unknown };
}

export interface Message extends NewMessage {
  readonly sessionId: string;
  /** 1 for the first message of the session; no gaps. */
  readonly seq: number;
}

export interface SessionFilter {
  readonly agentId?: string;
  readonly channel?: string;
  readonly userId?: string;
  readonly status?: SessionStatus;
  readonly updatedSinceMs?: number;
  /** Only those last changed before then. */
  readonly updatedBeforeMs?: number;
  /** Exact. */
  readonly label?: string;
  /** Case-insensitive part of key or name. */
  readonly search?: string;
  /** Not these. */
  readonly exceptKeys?: readonly string[];
  readonly limit?: number;
  readonly offset?: number;
}

export interface HistoryRange {
  /** Newest messages first cut to this many, returned oldest first. */
  readonly limit?: number;
  /** Only messages with a smaller `seq`. */
  readonly beforeSeq?: number;
  /** Only messages with a larger `seq`. */
  readonly afterSeq?: number;
  /** Refuses with `session_damaged` unless all of it verifies; for whatever a model will read. */
  readonly intactOnly?: boolean;
}

export interface SearchHit {
  readonly sessionKey: SessionKey;
  readonly sessionId: string;
  readonly messageId: string;
  readonly seq: number;
  readonly role: Role;
  /** A part of the text around the match, at most 240 characters. */
  readonly snippet: string;
  readonly createdAtMs: number;
  readonly origins: readonly Origin[];
}

export interface Archive {
  readonly key: SessionKey;
  readonly sessionId: string;
  readonly label?: string;
  readonly messageCount: number;
  readonly sizeBytes: number;
  readonly createdAtMs: number;
  readonly archivedAtMs: number;
}

export interface SessionRepository {
  find(key: string): Promise<Session | undefined>;
  findById(id: string): Promise<Session | undefined>;
  /** Makes it if it is not there; the metadata given is merged over the stored one (absent keys stay). */
  upsert(key: SessionKey, metadata: SessionMetadata, nowMs: number): Promise<Session>;
  /** @returns undefined if the key is taken. */
  create(key: SessionKey, metadata: SessionMetadata, nowMs: number): Promise<Session | undefined>;
  /** Newest `updatedAtMs` first. */
  list(filter: SessionFilter): Promise<Session[]>;
  count(): Promise<number>;
  history(sessionId: string, range: HistoryRange): Promise<Message[]>;
  /** The place of a message by its id, which a citation names; undefined if it is not in the session. */
  seqOf(sessionId: string, messageId: string): Promise<number | undefined>;
  append(sessionId: string, messages: readonly NewMessage[]): Promise<Message[]>;
  /** Drops every message, keeps id, key and metadata. */
  reset(sessionId: string, nowMs: number): Promise<Session>;
  /** Also drops its archive, search rows and runs. */
  delete(sessionId: string): Promise<boolean>;
  /** Copies metadata and the newest messages under a new key, with new message ids. @returns undefined if the key is taken. */
  fork(sessionId: string, fork: ForkSession): Promise<Session | undefined>;
  /**
   * Stores a summary that stands for all messages up to `throughSeq` in a model's context. The originals stay where
   * they are, so that citations into them (message ids in the summary's blocks or metadata) keep working.
   */
  compact(sessionId: string, compaction: Compaction): Promise<void>;
  /** The newest compaction, if any. */
  compaction(sessionId: string): Promise<Compaction | undefined>;
  archive(sessionId: string, deleteHistory: boolean, nowMs: number): Promise<Archive>;
  restoreArchive(sessionId: string, nowMs: number): Promise<number | undefined>;
  archives(limit: number, offset: number): Promise<{ total: number; archives: Archive[] }>;
  deleteArchive(sessionId: string): Promise<boolean>;
  /** Full text over messages: words are ANDed, a trailing * matches a prefix; anything else is taken literally. */
  search(
    query: string,
    options: { limit: number; agentId?: string; sessionId?: string },
  ): Promise<SearchHit[]>;
}

export interface ForkSession {
  readonly key: SessionKey;
  /** Merged over what is copied. */
  readonly metadata: SessionMetadata;
  /** How many of the newest messages are copied. */
  readonly limit: number;
  readonly nowMs: number;
}

export interface Compaction {
  readonly throughSeq: number;
  readonly summary: readonly Block[];
  readonly messagesCompacted: number;
  readonly createdAtMs: number;
}

export type RunStatus = "queued" | "running" | "completed" | "failed" | "cancelled";

export interface RunOutcome {
  readonly status: "completed" | "failed" | "cancelled";
  readonly stopReason?: StopReason;
  readonly response?: string;
  /** In words for a person; no secret. */
  readonly error?: string;
  /** The same for a program, where it is known: how the model's provider failed, or why no model could be chosen. */
  readonly cause?: string;
  readonly usage?: TokenUsage;
}

/** How a run ends, and what is stored in the same transaction: a message for the history, one for the outbox. */
export interface RunEnd extends RunOutcome {
  readonly last?: { readonly message: NewMessage; readonly usage?: UsageEntry };
  /** Never refused: however many wait already, the run's reply is kept. */
  readonly outgoing?: { readonly id: string; readonly message: NewOutboxMessage };
}

export interface Run {
  readonly id: RunId;
  readonly sessionId: string;
  readonly sessionKey: SessionKey;
  readonly status: RunStatus;
  /** The accepted input; it enters the session's history when the run begins, under this message id. */
  readonly input: NewMessage;
  /** What the caller asked for (agent id, model, route, system prompt, …); opaque here. */
  readonly options: { readonly [key: string]: unknown };
  /** How often it was begun; above 1 after a crash in its middle. */
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  readonly outcome?: RunOutcome;
}

export interface AcceptRun {
  readonly runId: RunId;
  readonly sessionKey: SessionKey;
  readonly metadata: SessionMetadata;
  readonly input: NewMessage;
  readonly options: { readonly [key: string]: unknown };
  readonly nowMs: number;
}

/** The way of a turn, each step in one durable transaction. Nothing is acknowledged before its step returned. */
export interface RunJournal {
  /** Makes the session if needed and stores the run as `queued`; a known id (of any status, for 24 h after its end) is a duplicate and changes nothing. */
  accept(run: AcceptRun): Promise<{ kind: "accepted" | "duplicate"; run: Run; session: Session }>;
  /** `queued` → `running`: the input is appended to history, once; on a later attempt it is there already. @returns undefined if it is not queued or running any more. */
  begin(runId: RunId, nowMs: number): Promise<Run | undefined>;
  /** One model call is over: its message joins the history and its tokens the usage, together. */
  step(runId: RunId, step: { message: NewMessage; usage?: UsageEntry }): Promise<Message>;
  /** Tool results of one step join the history together. */
  results(runId: RunId, messages: readonly NewMessage[]): Promise<Message[]>;
  /** A tool with an effect that must not happen twice is about to run. */
  toolStarted(runId: RunId, callId: string): Promise<void>;
  /** Call ids of `toolStarted` in this run. */
  startedTools(runId: RunId): Promise<ReadonlySet<string>>;
  /** @returns false if the run had ended already. */
  finish(runId: RunId, end: RunEnd, nowMs: number): Promise<boolean>;
  /**
   * A waiting run's input joins the history as a part of a running one, which answers it, and the waiting run ends with
   * this outcome: together, so that the input is there once whenever the process dies.
   * @returns undefined if it does not wait in that run's session (any more).
   */
  absorb(
    runId: RunId,
    waiting: { runId: RunId; outcome: RunOutcome; nowMs: number },
  ): Promise<Message | undefined>;
  find(runId: string): Promise<Run | undefined>;
  /** Runs of all sessions that have not ended, oldest first, read a few at a time: their inputs may be large and many. */
  unfinishedOf(status: "queued" | "running"): AsyncIterable<Run>;
  /** Queued and running ones, oldest first; of one session or of all. */
  unfinished(sessionId?: string): Promise<Run[]>;
  /** Forgets runs that ended before then. @returns how many. */
  prune(endedBeforeMs: number): Promise<number>;
}

/** Small durable values of the gateway itself (heartbeat settings, cursors), by name. */
export interface SettingRepository {
  get(name: string): Promise<unknown>;
  set(name: string, value: unknown): Promise<void>;
}

/** Everything in the reference's own file format (state.md §3 to §16). */
export interface PortableRepository {
  /** Takes in what a source has; see `readPortable`. @throws StateError */
  import(items: AsyncIterable<PortableItem>, options: ImportOptions): Promise<ImportReport>;
  /**
   * Writes these sections as files of the reference, one after the other. Contract: nobody writes to the state
   * meanwhile: the caller holds the instance lock, or opened a copy. @throws StateError if somebody did
   */
  write(options: WriteOptions): AsyncIterable<PortableOutput>;
}

export interface State extends AsyncDisposable {
  readonly sessions: SessionRepository;
  readonly runs: RunJournal;
  readonly memory: MemoryRepository;
  readonly usage: UsageRepository;
  readonly devices: DeviceRepository;
  readonly settings: SettingRepository;
  readonly cron: CronRepository;
  readonly cronRuns: CronRunRepository;
  readonly outbox: OutboxRepository;
  readonly hookDeliveries: HookDeliveryRepository;
  readonly answers: AnswerRepository;
  readonly systemEvents: SystemEventRepository;
  readonly responses: ResponseRepository;
  readonly tasks: TaskRepository;
  readonly profiles: ProfileRepository;
  readonly nodes: NodeRepository;
  readonly gateways: GatewayRepository;
  readonly execApprovals: ApprovalRepository;
  readonly portable: PortableRepository;
  readonly audit: Audit;
  readonly media: MediaRepository;
  /** What failed an integrity check so far. */
  damage(): readonly Damage[];
  /** Verifies everything: SQLite's own check, every chain, the register. Gives way to other work every few milliseconds. */
  verify(signal?: AbortSignal): Promise<readonly Damage[]>;
}

/** Where the 256-bit database key lives; the credential store will be a second implementation. */
export interface KeyStore {
  /** @returns the key, or undefined if there is none yet. @throws StateError `key_unreadable` */
  load(): Promise<Uint8Array | undefined>;
  /** Durable before it returns; never overwrites. */
  create(key: Uint8Array): Promise<void>;
  /** Drops what an interrupted change of the key left behind; only the holder of the instance lock calls it. Never throws. */
  tidy?(): Promise<void>;
}
