import { lstatSync } from "node:fs";
import { join } from "node:path";
import {
  type DiskSteps,
  ensureFolder,
  type HeldLock,
  lockFile,
  readPrivate,
  replaceWhole,
} from "@carapace/files";
import { ok, type Result, refuse } from "@carapace/protocol";
import type { Sealer } from "@carapace/secrets/envelope";
import { parseProfiles, profilesText } from "./parse.ts";
import { type FileEntry, maxFileBytes } from "./shape.ts";

/** Where the file is, and how it is read. */
export interface FilePlace {
  readonly stateDir: string;
  /** Another program's: read, and not even given another mode. */
  readonly isForeign?: true;
  /** Whether there is a config password. */
  readonly isSealing: boolean;
  /** Instead of the real disk: for tests. */
  readonly steps?: DiskSteps;
}

/** `{state}/auth_profiles.json`. */
export interface ProfileFile {
  /** In the state directory. */
  readonly name: string;
  readonly path: string;
  /** Keeps everybody else from changing it. */
  lock(): Promise<Result<HeldLock>>;
  read(): Result<readonly FileEntry[]>;
  /**
   * Reads the file under its lock, and writes what `change` makes of it: whole, 0600 and durable, or not at all. What
   * it refuses is not written; nor is what it returns unchanged.
   * @returns the stamp from then on
   */
  change(
    change: (
      entries: readonly FileEntry[],
    ) => Result<readonly FileEntry[]> | Promise<Result<readonly FileEntry[]>>,
  ): Promise<Result<string | undefined>>;
  /** Changes with the file, whoever wrote it; undefined without one. */
  stamp(): string | undefined;
  /** Keeps other processes from renewing tokens of the same provider. */
  lockRenewal(provider: string): Promise<Result<HeldLock>>;
}

/** The file with what opens it. */
export interface ProfileStore {
  readonly file: ProfileFile;
  /** Undefined without a config password. Whoever calls disposes of it. */
  readonly sealer: () => Sealer | undefined;
  readonly nowMs: () => number;
}

const name = "auth_profiles.json";
const lockWaitMs = 10_000;
/** A renewal of somebody else takes 30 s at most. */
const renewalWaitMs = 40_000;

export function openProfileFile(place: FilePlace): ProfileFile {
  const path = join(place.stateDir, name);
  const read = () => readEntries(path, place);
  const lock = async () => {
    const folder = ensureFolder(place.stateDir);
    return folder.ok ? await lockFile(`${path}.lock`, { waitMs: lockWaitMs }) : folder;
  };
  return {
    ...{ name, path, read, lock },
    stamp: () => stampOf(path),
    async lockRenewal(provider) {
      const lock = await lockFile(join(place.stateDir, `auth_profiles.${provider}.lock`), {
        waitMs: renewalWaitMs,
      });
      return lock.ok ? lock : refuse("unavailable", lock.say);
    },
    async change(change) {
      const held = await lock();
      if (!held.ok) return held;
      using _held = held.value;
      const before = read();
      if (!before.ok) return before;
      const after = await change(before.value);
      if (!after.ok) return after;
      const written = after.value === before.value ? ok(undefined) : write(path, after.value, place.steps);
      return written.ok ? ok(stampOf(path)) : written;
    },
  };
}

function readEntries(path: string, { isSealing, isForeign }: FilePlace): Result<readonly FileEntry[]> {
  const bytes = readPrivate(path, { maxBytes: maxFileBytes, mode: isForeign ? "any" : "tighten" });
  if (!bytes.ok) return bytes;
  return bytes.value === undefined ? ok([]) : parseProfiles(bytes.value, { path, isSealing });
}

function write(path: string, entries: readonly FileEntry[], steps?: DiskSteps): Result<undefined> {
  const bytes = profilesText(entries);
  if (bytes.byteLength > maxFileBytes)
    return refuse("invalid_request", `${path} would grow beyond ${maxFileBytes} bytes`);
  return replaceWhole(path, bytes, { tag: "profiles", ...(steps ? { steps } : {}) });
}

function stampOf(path: string): string | undefined {
  const facts = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return facts && `${facts.dev}:${facts.ino}:${facts.size}:${facts.mtimeNs}:${facts.ctimeNs}`;
}
