import {
  type ArchiveBytes,
  type ArchiveKey,
  ArchiveTagError,
  headBytes,
  openArchive,
  readHead,
} from "@carapace/secrets";
import { StateError } from "../errors.ts";
import { breathing } from "./breathing.ts";
import { gunzipped } from "./gzip.ts";
import { readTar, type TarEntry } from "./tar/reader.ts";
import { refusedArchive } from "./tar/refusal.ts";

/** How large an archive may be when it is unpacked. */
const archiveLimits = {
  mostEntries: 200_000,
  mostBytes: 2 ** 36,
  mostRatio: 200,
  freeBytes: 64 * 2 ** 20,
} as const;

/** An archive that can be read; an encrypted one was verified as a whole. */
export interface Archive {
  readonly isEncrypted: boolean;
  /** The key of an encrypted one: what else is written in its wake need not derive it again. */
  readonly key?: ArchiveKey;
  /** Bytes of the file. */
  readonly packedBytes: number;
  /** One pass over all entries. @param onRead told of the packed bytes read so far */
  entries(onRead?: (bytes: number) => void): AsyncIterable<TarEntry>;
}

export interface OpenArchiveOptions {
  /** Asked for only if the archive is encrypted. @returns undefined if there is none to be had */
  readonly passphrase: () => Promise<string | undefined>;
  readonly signal?: AbortSignal;
}

/**
 * Recognises an archive by its first bytes: gzip, or the encrypted layout (cli.md §3.9).
 * @throws StateError `bad_archive`; `archive_locked` without the right passphrase
 */
export async function readArchive(
  file: ArchiveBytes,
  { passphrase, signal }: OpenArchiveOptions,
): Promise<Archive> {
  const start: Uint8Array[] = [];
  for await (const piece of file.read(0, Math.min(headBytes, file.size))) start.push(piece);
  const bytes = Buffer.concat(start);
  const head = readHead(bytes, file.size);
  switch (head.kind) {
    case "plain":
      if (!bytes.subarray(0, 2).equals(gzipMagic) && bytes.length > 0)
        throw refusedArchive("is damaged, or the file is of another kind");
      return archive(file, { isEncrypted: false, packed: () => file.read(0, file.size), signal });
    case "sealed": {
      const given = await passphrase();
      if (given === undefined) throw locked("is encrypted: give its passphrase");
      const opened = await unlocked(() => openArchive(file, { head: head.head, passphrase: given }));
      return archive(file, { isEncrypted: true, key: opened.key, packed: opened.plain, signal });
    }
    case "old":
      throw refusedArchive(
        "is encrypted in version 1, which is not safe enough any more (restore it with the reference before 0.7.0 and make a new one)",
      );
    case "newer":
      throw refusedArchive("is encrypted in a version this program does not know");
    case "short":
      throw refusedArchive("is cut short");
  }
}

/** RFC 1952, section 2.3.1. */
const gzipMagic = Buffer.from([0x1f, 0x8b]);

interface Source {
  readonly isEncrypted: boolean;
  readonly key?: ArchiveKey;
  readonly packed: () => AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal | undefined;
}

function archive(file: ArchiveBytes, { isEncrypted, key, packed, signal }: Source): Archive {
  return {
    isEncrypted,
    ...(key && { key }),
    packedBytes: file.size,
    entries: (onRead) => {
      const told = counted(packed(), { onRead, signal });
      return unlockedEntries(readTar(breathing(gunzipped(told, archiveLimits)), archiveLimits));
    },
  };
}

async function* counted(
  packed: AsyncIterable<Uint8Array>,
  { onRead, signal }: { onRead: ((bytes: number) => void) | undefined; signal: AbortSignal | undefined },
): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const piece of packed) {
    signal?.throwIfAborted();
    read += piece.length;
    onRead?.(read);
    yield piece;
  }
}

// The file may have changed since it was verified.
async function* unlockedEntries(entries: AsyncIterable<TarEntry>): AsyncGenerator<TarEntry> {
  try {
    yield* entries;
  } catch (error) {
    throw explained(error);
  }
}

async function unlocked<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw explained(error);
  }
}

function explained(error: unknown): unknown {
  return error instanceof ArchiveTagError ? locked(`does not open: ${error.message}`) : error;
}

function locked(why: string): StateError {
  return new StateError("archive_locked", `The archive ${why}. Nothing was restored.`);
}
