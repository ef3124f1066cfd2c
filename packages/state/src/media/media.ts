import { createHash, randomBytes } from "node:crypto";
import { once } from "@carapace/protocol";
import { z } from "zod";
import { StateError } from "../errors.ts";
import { Records } from "../integrity/records.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { openPieces, sealPieces } from "./cipher.ts";
import type { MediaFiles } from "./files.ts";
import type { Media, MediaRepository, NewMedia } from "./types.ts";

const maxBytes = 50 * 1024 * 1024;

const stored = once(() =>
  z.object({
    id: z.string(),
    mime: z.string(),
    name: z.string().optional(),
    sizeBytes: z.number(),
    sha256: z.string(),
    sessionId: z.string().optional(),
    createdAtMs: z.number(),
    expiresAtMs: z.number(),
    /** Base64 of the 32 bytes that open the file: it never lies beside it. */
    key: z.base64(),
  }),
);
type Stored = z.infer<ReturnType<typeof stored>>;

/** The sealed records of stored files, by id. */
export function mediaRecords(deps: SealedDeps): Records<Stored> {
  return new Records(deps, { name: "media", schema: stored, pages: 1 });
}

export interface MediaDeps extends SealedDeps {
  readonly files: MediaFiles;
  /** UUID v4. */
  readonly newId: () => string;
  readonly isSession: (sessionId: string) => boolean;
}

/** Files of a limited life under `<state>/media`, each with a key of its own in the database. */
export function createMedia(deps: MediaDeps): MediaRepository {
  const { connection, files } = deps;
  const records = mediaRecords(deps);
  const all = () => connection.read(() => records.list());
  /** On their way in: not in the database yet, and no strangers. */
  const coming = new Set<string>();

  function removeNow(id: string): boolean {
    const wasKnown = connection.write(() => records.remove(id));
    files.remove(id);
    return wasKnown;
  }

  /** @returns the id of the same bytes if their file does not hold them any more: sent again, they take its place */
  async function brokenTwin(fresh: Stored): Promise<string | undefined> {
    const twin = connection.read(() => twinOf(records, fresh));
    return twin === undefined || (await isWhole(twin)) ? undefined : twin.id;
  }

  async function isWhole({ id, key }: Stored): Promise<boolean> {
    try {
      const sealed = files.read(id);
      if (sealed === undefined) return false;
      for await (const _ of openPieces(Buffer.from(key, "base64"), sealed));
      return true;
    } catch (error) {
      if (error instanceof StateError) return false;
      throw error;
    }
  }

  return {
    async put(source, media) {
      const id = deps.newId();
      const key = new Uint8Array(randomBytes(32));
      const count = measured(source);
      coming.add(id);
      try {
        await files.write(id, sealPieces(key, count.bytes));
        const stored = { id, ...record(media, count.result(), key) };
        const broken = await brokenTwin(stored);
        const kept = connection.write(() => saveOnce(records, stored, broken));
        if (kept.id === broken) files.replace(id, broken);
        else if (kept.id !== id) files.remove(id);
        return shown(kept);
      } finally {
        coming.delete(id);
      }
    },
    async open(id, nowMs) {
      const stored = connection.read(() => records.find(id));
      if (stored === undefined || stored.expiresAtMs <= nowMs) return undefined;
      const sealed = files.read(id);
      if (sealed === undefined) return undefined;
      return { media: shown(stored), bytes: openPieces(Buffer.from(stored.key, "base64"), sealed) };
    },
    list: async () => all().map(shown),
    remove: async (id) => removeNow(id),
    async sweep(nowMs) {
      const known = all();
      const isOver = ({ expiresAtMs, sessionId }: Stored) =>
        expiresAtMs <= nowMs ||
        (sessionId !== undefined && !connection.read(() => deps.isSession(sessionId)));
      const over = known.filter(isOver).map(({ id }) => id);
      const names = new Set([...coming, ...known.map(({ id }) => id)]);
      const unknown = files.list().filter((name) => !names.has(name));
      return eachOf([...over, ...unknown], removeNow);
    },
  };
}

/** Does all, whatever becomes of one (a folder where a file should be). @returns how many @throws the first fault */
function eachOf(names: readonly string[], remove: (name: string) => void): number {
  const faults: unknown[] = [];
  for (const name of names) {
    try {
      remove(name);
    } catch (error) {
      faults.push(error);
    }
  }
  if (faults.length > 0) throw faults[0];
  return names.length;
}

function twinOf(records: Records<Stored>, fresh: Stored): Stored | undefined {
  return records
    .list()
    .find(({ sha256, sessionId }) => sha256 === fresh.sha256 && sessionId === fresh.sessionId);
}

/**
 * The same bytes of the same session are one file, which lives on as long as either would.
 * @param broken the id of one whose file the new one replaces
 */
function saveOnce(records: Records<Stored>, fresh: Stored, broken: string | undefined): Stored {
  const twin = twinOf(records, fresh);
  const key = twin?.id === broken ? fresh.key : twin?.key;
  const expiresAtMs = Math.max(twin?.expiresAtMs ?? 0, fresh.expiresAtMs);
  const kept = twin === undefined || key === undefined ? fresh : { ...twin, key, expiresAtMs };
  records.save(kept.id, kept);
  return kept;
}

/** Passes bytes on while it counts and hashes them. */
function measured(source: AsyncIterable<Uint8Array>) {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  async function* bytes() {
    for await (const part of source) {
      sizeBytes += part.length;
      if (sizeBytes > maxBytes)
        throw new StateError("invalid", "A file may have at most 50 MiB: send a smaller one.");
      hash.update(part);
      yield part;
    }
  }
  return { bytes: bytes(), result: () => ({ sizeBytes, sha256: hash.digest("hex") }) };
}

function record(
  { ttlMs, nowMs, ...facts }: NewMedia,
  counted: Pick<Stored, "sizeBytes" | "sha256">,
  key: Uint8Array,
): Omit<Stored, "id"> {
  const times = { createdAtMs: nowMs, expiresAtMs: nowMs + ttlMs };
  return { ...facts, ...counted, ...times, key: Buffer.from(key).toString("base64") };
}

function shown({ key: _, name, sessionId, ...facts }: Stored): Media {
  return {
    ...facts,
    ...(name === undefined ? {} : { name }),
    ...(sessionId === undefined ? {} : { sessionId }),
  };
}
