import type { SessionKey } from "@carapace/protocol";
import type { CronJob } from "../cron/types.ts";
import type { DeviceToken, PairedDevice, PairingRequest } from "../devices/types.ts";
import type { MemoryEntry } from "../memory/types.ts";
import type { AuthProfile } from "../profiles/types.ts";
import type { NodeRegistry, RemoteGateway } from "../registries/types.ts";
import type { Task, TaskQueue } from "../tasks/types.ts";
import type { Compaction, NewMessage, SessionMetadata, SessionStatus } from "../types.ts";
import type { UsageAggregate } from "../usage/aggregates.ts";

/** A file of the portable layout: the one of the reference's archives, `/` between names (state.md §15). */
export interface PortableEntry {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Why it cannot be opened (a link, another user's, not a file), in words for a person. */
  readonly refused?: string;
}

/**
 * Where files of the reference's format are read from: a folder, or an archive. Contract: nothing is changed; the same
 * path opened twice gives the same bytes, or throws.
 */
export interface PortableSource {
  /** Stands for it in the table of imports and in reports: the full path of the folder or the archive. */
  readonly name: string;
  /** In any order; unsafe names are left out by the source or refused by the reader. */
  entries(): AsyncIterable<PortableEntry>;
  /** @throws if it cannot be read */
  open(path: string): AsyncIterable<Uint8Array>;
}

/** The stores a portable directory holds, as reports name them. */
export const portableStores = [
  "sessions",
  "archives",
  "memory",
  "cron",
  "tasks",
  "usage",
  "approvals",
  "devices",
  "nodes",
  "gateways",
  "profiles",
  "audit",
  "installation",
  "other",
] as const;
export type PortableStore = (typeof portableStores)[number];

/** A file that was read, whole. */
export interface PortableFile {
  readonly path: string;
  /** Lower-case hex. Of a session: over the digests of all its files. */
  readonly sha256: string;
}

/**
 * Something that is not imported, or not as it stands: `skipped` on purpose, `locked` without the right password,
 * `corrupt` unreadable, `note` imported, but to be known.
 */
export interface PortableProblem {
  readonly kind: "problem";
  readonly state: "skipped" | "locked" | "corrupt" | "note";
  readonly store: PortableStore;
  readonly path: string;
  /** 1 for the first line of the file, where one line is meant. */
  readonly line?: number;
  /** In words for a person; no secret. */
  readonly say: string;
}

/** What a file's sidecar said of it (state.md §3.9); `unchecked` without a key. */
export type SidecarResult = "valid" | "promoted" | "mismatch" | "missing" | "unchecked";

/** How it was with a session's files. */
export interface PortableIntegrity {
  readonly metadata: SidecarResult;
  readonly history: SidecarResult | "none";
  readonly archive: SidecarResult | "none";
  readonly isEncrypted: boolean;
}

/** A session as its metadata file tells it. */
export interface PortableSession {
  readonly id: string;
  readonly key: SessionKey;
  readonly status: SessionStatus;
  readonly metadata: SessionMetadata;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** An id of a channel's event that was taken in once already (state.md §3.4). */
export interface InboundEvent {
  readonly eventId: string;
  readonly runId?: string;
}

/** A part of a history, in order. */
export interface MessageBatch {
  readonly messages: readonly NewMessage[];
  /** Event ids whose messages are gone. */
  readonly events: readonly InboundEvent[];
  readonly problems: readonly PortableProblem[];
}

export interface PortableArchive {
  readonly archivedAtMs: number;
  readonly messages: readonly NewMessage[];
}

/** One session with everything of it. */
export interface SessionItem {
  readonly kind: "session";
  readonly file: PortableFile;
  readonly session: PortableSession;
  readonly integrity: PortableIntegrity;
  /** A summary that stands for earlier messages; only in what this program wrote. */
  readonly compaction?: Compaction;
  /** Streams the history; may be called once more after it failed or ended. @throws if the file changed meanwhile */
  messages(): AsyncIterable<MessageBatch>;
  /** Its archive, and what is wrong with it. */
  archive(): Promise<{ readonly archive?: PortableArchive; readonly problems: readonly PortableProblem[] }>;
}

/** A note; without a time it counts as written when it is imported. */
export interface PortableNote extends Pick<MemoryEntry, "key" | "value" | "origin"> {
  readonly updatedAtMs?: number;
}

/** What a portable source gives, file by file; a session is one item. */
export type PortableItem =
  | SessionItem
  | PortableProblem
  | { kind: "memory"; file: PortableFile; agentId: string; notes: readonly PortableNote[] }
  | { kind: "cron"; file: PortableFile; jobs: readonly CronJob[] }
  | { kind: "tasks"; file: PortableFile; queue: TaskQueue; tasks: readonly Task[] }
  | { kind: "usage"; file: PortableFile; isEnabled: boolean; aggregates: readonly UsageAggregate[] }
  | { kind: "approvals"; file: PortableFile; text: string }
  | {
      kind: "devices";
      file: PortableFile;
      devices: readonly PairedDevice[];
      requests: readonly PairingRequest[];
      tokens: readonly DeviceToken[];
    }
  | { kind: "nodes"; file: PortableFile; registry: NodeRegistry }
  | { kind: "gateways"; file: PortableFile; gateways: readonly RemoteGateway[] }
  | { kind: "profiles"; file: PortableFile; profiles: readonly AuthProfile[] }
  | { kind: "audit"; file: PortableFile; lines(): AsyncIterable<readonly string[]> }
  | { kind: "installation"; file: PortableFile; id: string };

export interface ReadOptions {
  /** `CARAPACE_CONFIG_PASSWORD`; opens `cse1:` artifacts. */
  readonly password?: string;
  /** Secrets a plaintext sidecar may be keyed with, in the reference's order (state.md §3.9). */
  readonly hmacSecrets?: readonly string[];
  /**
   * Further ones, which whoever made the source cannot have known or chosen: this gateway's own, not those of the source's
   * configuration. Only their sidecars prove anything.
   */
  readonly ownHmacSecrets?: readonly string[];
  /**
   * Whether labels and other facts that this program put into `metadata.carapace` are taken over. `authentic` only from
   * files whose encryption or sidecar proves them; `all` from an archive whose author is known to be this program's owner.
   */
  readonly trustFacts?: "authentic" | "all";
  /** 256 MiB, the reference's limit, unless told. */
  readonly maxHistoryBytes?: number;
  readonly signal?: AbortSignal;
}

/** `add`: what is here stays as it is. `replace`: what the source has takes its place; what it has not, stays. */
export type ImportMode = "add" | "replace";

export interface ImportOptions {
  readonly mode: ImportMode;
  /** Reads and judges everything, writes nothing. */
  readonly dryRun?: boolean;
  /** The source's name, for the table of imports. */
  readonly source: string;
  readonly nowMs: () => number;
  /** After each item. Contract: must not throw. */
  readonly onProgress?: (done: ImportProgress) => void;
  readonly signal?: AbortSignal;
}

export interface ImportProgress {
  readonly store: PortableStore;
  readonly path: string;
  /** Messages so far, of all sessions. */
  readonly messages: number;
}

export interface ImportCounts {
  /** Records the source has: sessions, notes, jobs, … */
  readonly found: number;
  /** Written, or to be written by a dry run. */
  readonly imported: number;
  /** Imported by an earlier run already. */
  readonly unchanged: number;
  readonly skipped: number;
  readonly locked: number;
  readonly corrupt: number;
}

export interface ImportReport {
  readonly stores: Readonly<Record<PortableStore, ImportCounts>>;
  readonly messages: number;
  /** At most 1,000; the counts go on. */
  readonly problems: readonly PortableProblem[];
  /** How many more there were. */
  readonly problemsLeftOut: number;
}

/** What can be written. */
export const portableSections = ["sessions", "memory", "cron", "tasks", "usage", "registries"] as const;
export type PortableSection = (typeof portableSections)[number];

/** A file to be written, of a size that is known before its content is made. */
export interface PortableOutput {
  readonly path: string;
  readonly size: number;
  /** Gives exactly `size` bytes, once. Files are to be read in the order they come. */
  chunks(): AsyncIterable<Uint8Array>;
}

export interface WriteOptions {
  readonly sections: readonly PortableSection[];
  /** Seals sessions as `cse1:` with a fresh manifest and writes their sidecars (state.md §3.8). */
  readonly password?: string;
  /** Keys the sidecars of plaintext sessions; none are written without one. */
  readonly hmacSecret?: string;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly nowMs: () => number;
  /** What is left out, and why. */
  readonly onProblem?: (problem: PortableProblem) => void;
  /** Called after each line that is read only for its length: what it was made of may be collected. */
  readonly onMeasured?: () => void;
}
