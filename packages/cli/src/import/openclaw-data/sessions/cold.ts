import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { createZstdDecompress } from "node:zlib";
import { isRecord, parseJson } from "@carapace/protocol";
import type { SourceFolder } from "../source/folder.ts";
import type { TranscriptLine } from "./source.ts";

/** A transcript that OpenClaw put away: Zstandard over one record a line. */
export interface ColdArchive {
  /** Of its file. */
  readonly name: string;
  /** What of it lies in the database. */
  readonly bytes: () => Uint8Array | undefined;
  /** Where the files are. */
  readonly folder: SourceFolder | undefined;
}

const namePattern = /^[a-f0-9]{64}\.jsonl\.zst$/;
/** The format's own limit. */
const maxUnpackedBytes = 64 * 1024 * 1024;

/** The entries among its records, in order. @throws if it is not there, or is none */
export async function* coldLines(archive: ColdArchive): AsyncGenerator<TranscriptLine> {
  const { linesOf } = await import("@carapace/state/portable");
  for await (const { number, text, why } of linesOf(unpacked(proven(archive)))) {
    const record = text === undefined ? undefined : parseJson(text);
    if (isRecord(record)) yield* entryOf(record);
    else yield { number, why: why ?? "is not JSON" };
  }
}

function* entryOf({ kind, row }: Readonly<Record<string, unknown>>): Generator<TranscriptLine> {
  if (kind !== "event" || !isRecord(row)) return;
  const { seq, event_json: text } = row;
  if (typeof seq === "number" && typeof text === "string") yield { number: seq, text };
}

function packed({ name, bytes, folder }: ColdArchive): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  const inside = bytes();
  if (inside !== undefined) return [inside];
  const file = namePattern.test(name) ? folder?.file(name) : undefined;
  if (file?.refused !== undefined) throw new Error(`the archive it was put away into ${file.refused}`);
  if (folder === undefined || file === undefined)
    throw new Error("the archive it was put away into is not there");
  return folder.open(name, file.size);
}

/** Its name is its digest: one that was cut short would end without a word otherwise. */
async function* proven(archive: ColdArchive): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const chunk of packed(archive)) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest("hex") !== archive.name.slice(0, 64))
    throw new Error("the archive it was put away into is damaged");
}

async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  const stream = Readable.from(chunks, { objectMode: false }).compose(createZstdDecompress());
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) throw new Error("the archive it was put away into is damaged");
    size += chunk.length;
    if (size > maxUnpackedBytes) throw new Error(`it has more than ${maxUnpackedBytes} bytes`);
    yield chunk;
  }
}
