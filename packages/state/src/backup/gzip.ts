import { systemCode } from "@carapace/files";
import { refusedArchive } from "./tar/refusal.ts";

/** What unpacking may cost, beyond what the entries themselves are allowed. */
export interface GzipLimits {
  /** Unpacked bytes for one packed byte; more is no archive but a bomb. Text packs 5 to 20 times. */
  readonly mostRatio: number;
  /** The ratio counts from here on, in unpacked bytes. */
  readonly freeBytes: number;
  readonly mostBytes: number;
}

/** Packs with gzip, piece by piece. @param level 1 for what hardly packs, such as encrypted pages */
export async function* gzipped(plain: AsyncIterable<Uint8Array>, level: number): AsyncGenerator<Uint8Array> {
  const [{ createGzip }, { Readable }] = await Promise.all([import("node:zlib"), import("node:stream")]);
  const source = Readable.from(plain, { objectMode: true, highWaterMark: 1 });
  const packed = createGzip({ level, chunkSize: 256 * 1024 });
  source.on("error", (error) => packed.destroy(error));
  source.pipe(packed);
  try {
    for await (const piece of packed) yield piece;
  } finally {
    source.destroy();
    packed.destroy();
  }
}

const damaged: ReadonlySet<string> = new Set([
  "Z_DATA_ERROR",
  "Z_BUF_ERROR",
  "Z_NEED_DICT",
  "Z_STREAM_ERROR",
]);

/**
 * Unpacks gzip, piece by piece, its checksum verified at the end.
 * @throws StateError `bad_archive` if it is damaged, cut off, unpacks to more than allowed, or something follows it
 */
export async function* gunzipped(
  packed: AsyncIterable<Uint8Array>,
  limits: GzipLimits,
): AsyncGenerator<Uint8Array> {
  const [{ createGunzip }, { Readable }] = await Promise.all([import("node:zlib"), import("node:stream")]);
  let taken = 0;
  const counted = async function* () {
    for await (const piece of packed) {
      taken += piece.length;
      yield piece;
    }
  };
  const source = Readable.from(counted(), { objectMode: true, highWaterMark: 1 });
  const plain = createGunzip({ chunkSize: 64 * 1024 });
  source.on("error", (error) => plain.destroy(error));
  source.pipe(plain);
  let given = 0;
  try {
    for await (const piece of plain) {
      given += piece.length;
      if (given > limits.mostBytes || (given > limits.freeBytes && given > taken * limits.mostRatio)) {
        throw refusedArchive(`unpacks to more than it may (${given} bytes out of ${taken})`);
      }
      yield piece;
    }
    if (plain.bytesWritten !== taken) throw refusedArchive("has something after its end");
  } catch (error) {
    throw damaged.has(systemCode(error) ?? "") ? refusedArchive("is damaged or cut short") : error;
  } finally {
    source.destroy();
    plain.destroy();
  }
}
