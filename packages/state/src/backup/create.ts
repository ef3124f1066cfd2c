import { lstatSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { DiskSteps } from "@carapace/files";
import type { ArchiveKey, CredentialStore } from "@carapace/secrets";
import { StateError } from "../errors.ts";
import type { KeyStore } from "../types.ts";
import { breathing } from "./breathing.ts";
import { type ConfigFiles, fullFiles, readAccounts } from "./full/files.ts";
import { gzipped } from "./gzip.ts";
import { type ArchiveKind, encodeMarker, markerName, stampOf } from "./marker.ts";
import { assertFree, writeOutput } from "./output-file.ts";
import { portableFiles } from "./portable-files.ts";
import { makeScratch, type Scratch, scratchIn } from "./scratch.ts";
import { sectionOf } from "./sections.ts";
import { snapshotDatabase } from "./snapshot.ts";
import { type TarFile, writeTar } from "./tar/writer.ts";

/** What the credential store of this machine holds of ours. */
export interface HeldCredentials {
  readonly store: CredentialStore;
  readonly accounts: Iterable<string>;
}

export interface BackupOptions {
  /** The state directory. */
  readonly dir: string;
  readonly keys: KeyStore;
  readonly config: ConfigFiles;
  readonly kind: ArchiveKind;
  /** Encrypts the archive, as a passphrase or another archive's key; a full one is refused without. */
  readonly secret?: string | ArchiveKey;
  readonly output: string;
  /** Takes the place of a file that is there. */
  readonly overwrite: boolean;
  /** Asked only for a full archive. */
  readonly credentials: () => Promise<HeldCredentials>;
  /** The configuration's password: sessions of a portable archive are sealed with it. */
  readonly password: string | undefined;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly random: (bytes: number) => Uint8Array;
  /** Unpacked bytes so far, and about how many there will be. Contract: must not throw. */
  readonly onProgress?: (bytes: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
  readonly steps?: DiskSteps;
}

export interface BackupReport {
  readonly path: string;
  /** Of the archive. */
  readonly bytes: number;
  readonly sections: readonly string[];
  /** What is not in it, in words for a person. */
  readonly leftOut: readonly string[];
}

/** Mutable while the archive is written. */
interface Progress {
  readonly sections: Set<string>;
  readonly leftOut: string[];
  done: number;
  readonly total: number;
}

/**
 * Writes an archive of the state as it is at one moment, also while a gateway works on it (cli.md §3.9). It appears
 * whole, 0600, or not at all.
 * @throws StateError `invalid`, `already_exists`, `unsafe_path`, `not_found` if there is nothing to back up, and what
 *   the database or the disk can refuse; the signal's reason if it was aborted
 */
export async function createBackup(options: BackupOptions): Promise<BackupReport> {
  const { dir, kind, output, overwrite, secret } = options;
  if (kind === "full" && secret === undefined) {
    throw new StateError("invalid", "A full backup holds every secret: it is only made with --encrypt.");
  }
  assertFree(output, overwrite);
  const key = await options.keys.load();
  using scratch = await takeSnapshot(options, key);
  const { total } = scratch;
  const database = key === undefined || total === undefined ? undefined : { folder: scratch.path, key };
  if (database === undefined && lstatSync(options.config.main, { throwIfNoEntry: false }) === undefined) {
    throw new StateError("not_found", `There is nothing to back up in ${dir}.`);
  }
  const progress: Progress = { sections: new Set(), leftOut: [], done: 0, total: total ?? 0 };
  const files = observed(filesOf(options, database, progress), options, progress);
  const packed = gzipped(breathing(writeTar(files)), kind === "full" ? 1 : 6);
  const pieces = secret === undefined ? packed : await sealed(packed, secret, options.random);
  const bytes = await writeOutput(pieces, {
    path: output,
    overwrite,
    ...(options.steps && { steps: options.steps }),
  });
  return { path: output, bytes, sections: [...progress.sections], leftOut: progress.leftOut };
}

interface Snapshot extends Scratch {
  /** In bytes; undefined without a database. */
  readonly total: number | undefined;
}

// A disk that is full or can only be read must not keep its content from being saved: then the archive's folder is used.
async function takeSnapshot(
  { dir, output, steps }: BackupOptions,
  key: Uint8Array | undefined,
): Promise<Snapshot> {
  try {
    return await snapshotInto(makeScratch(dir, steps), dir, key);
  } catch (error) {
    if (!(error instanceof StateError) || (error.code !== "io" && error.code !== "disk_full")) throw error;
    return await snapshotInto(scratchIn(dirname(output), steps), dir, key);
  }
}

async function snapshotInto(scratch: Scratch, dir: string, key: Uint8Array | undefined): Promise<Snapshot> {
  try {
    return { ...scratch, total: await snapshotOf(dir, key, scratch.path) };
  } catch (error) {
    scratch[Symbol.dispose]();
    throw error;
  }
}

async function snapshotOf(
  dir: string,
  key: Uint8Array | undefined,
  into: string,
): Promise<number | undefined> {
  if (key !== undefined) return await snapshotDatabase({ dir, key, into });
  if (lstatSync(`${dir}/state.db`, { throwIfNoEntry: false }) === undefined) return undefined;
  throw new StateError("key_missing", `The key of ${dir}/state.db is missing: put it back, then try again.`);
}

async function sealed(
  packed: AsyncIterable<Uint8Array>,
  secret: string | ArchiveKey,
  random: BackupOptions["random"],
) {
  const { sealArchive } = await import("@carapace/secrets");
  return sealArchive(packed, { secret, random });
}

type Database = { readonly folder: string; readonly key: Uint8Array };

async function* filesOf(
  options: BackupOptions,
  database: Database | undefined,
  { leftOut }: Progress,
): AsyncGenerator<TarFile> {
  const { kind, config, nowMs, output, dir } = options;
  const marker = encodeMarker({ kind, created: stampOf(nowMs()) });
  yield { name: markerName, size: marker.length, body: marker, modifiedMs: nowMs(), mode: 0o644 };
  const onLeftOut = (say: string): void => void leftOut.push(say);
  const place = database === undefined ? {} : { database };
  if (kind === "portable") {
    const { newId, random, password } = options;
    yield* portableFiles({ configPath: config.main, password, nowMs, newId, random, onLeftOut, ...place });
    return;
  }
  const { store, accounts } = await options.credentials();
  const credentials = await readAccounts(store, accounts);
  const except = [resolve(output)];
  yield* fullFiles({ dir, config, credentials, except, nowMs: nowMs(), onLeftOut, ...place });
}

/** Notes the sections and the bytes that pass, and stops when the signal says so. */
async function* observed(
  files: AsyncIterable<TarFile>,
  { kind, signal, onProgress }: BackupOptions,
  progress: Progress,
): AsyncGenerator<TarFile> {
  const through = async function* (body: TarFile["body"]): AsyncGenerator<Uint8Array> {
    for await (const piece of body instanceof Uint8Array ? [body] : body) {
      signal?.throwIfAborted();
      progress.done += piece.length;
      onProgress?.({ done: progress.done, total: Math.max(progress.total, progress.done) });
      yield piece;
    }
  };
  for await (const file of files) {
    signal?.throwIfAborted();
    if (file.name !== markerName) progress.sections.add(sectionOf(kind, file));
    yield { ...file, body: through(file.body) };
  }
}
