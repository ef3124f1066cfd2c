import type { DiskSteps } from "@carapace/files";
import type { CredentialStore } from "@carapace/secrets";
import type { StateKeyStore } from "../../keys/places.ts";
import type { Archive } from "../archive.ts";
import type { ArchiveFacts } from "../scan.ts";

export interface RestoreOptions {
  /** The state directory; the caller holds its lock. */
  readonly dir: string;
  readonly keys: StateKeyStore;
  /** Where the configuration is to be, whether it is there or not. */
  readonly configPath: string;
  readonly archive: Archive;
  /** Where the archive lies, for the audit log. */
  readonly archivePath: string;
  /** What `scanArchive` found in it. */
  readonly facts: ArchiveFacts;
  /** Keeps what is replaced in `before-restore/`. */
  readonly keep: boolean;
  /** The configuration's password: opens sealed sessions and keeps the database key. */
  readonly password: string | undefined;
  /**
   * Secrets that sidecars of plain sessions may be keyed with (state.md §3.9). Told where the archive's configuration
   * lies now, if it has one: they may stand there.
   */
  readonly hmacSecrets: (configPath: string | undefined) => Promise<readonly string[]>;
  readonly credentials: () => Promise<{
    readonly store: CredentialStore;
    readonly accounts: Iterable<string>;
  }>;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly random: (bytes: number) => Uint8Array;
  /** Packed bytes read so far. */
  readonly onRead?: (bytes: number) => void;
  /** What is being done now, in words for a person. */
  readonly onPhase?: (say: string) => void;
  readonly signal?: AbortSignal;
  readonly steps?: DiskSteps;
}

export interface RestoreReport {
  readonly sections: readonly string[];
  /** Sessions the archive brought. */
  readonly sessions: number;
  readonly messages: number;
  /** Where what was replaced is kept; absent if there was nothing, or nothing was to be kept. */
  readonly kept?: string;
  /** What was not restored, or not as it stood, in words for a person. */
  readonly problems: readonly string[];
  /** Set if the restore is decided, but this process could not finish it: the next start does. */
  readonly unfinished?: string;
}
