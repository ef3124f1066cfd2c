import { blockBytes, writeHeader } from "./header.ts";

/** A file for an archive. */
export interface TarFile {
  /** With `/`; a plain path. */
  readonly name: string;
  /** In bytes; `body` gives exactly so many. */
  readonly size: number;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  readonly modifiedMs: number;
  /** 0600 unless told. */
  readonly mode?: number;
}

const longNameOf = Buffer.from("././@LongLink");

/** A tar archive of these files, piece by piece: GNU headers, long names as entries of their own, two empty blocks at its end. */
export async function* writeTar(files: AsyncIterable<TarFile>): AsyncGenerator<Uint8Array> {
  for await (const file of files) {
    yield* headerOf(file);
    let length = 0;
    if (file.body instanceof Uint8Array) {
      length = file.body.length;
      yield file.body;
    } else {
      for await (const piece of file.body) {
        length += piece.length;
        yield piece;
      }
    }
    if (length !== file.size) throw new Error(`${file.name} has ${length} bytes, not ${file.size}`);
    yield padding(length);
  }
  yield new Uint8Array(2 * blockBytes);
}

function* headerOf({ name, size, modifiedMs, mode = 0o600 }: TarFile): Generator<Uint8Array> {
  const bytes = Buffer.from(name);
  if (bytes.length > 100) {
    const long = Buffer.concat([bytes, Buffer.of(0)]);
    yield writeHeader({ name: longNameOf, size: long.length, type: "L", mode: 0o644, modifiedMs: 0 });
    yield long;
    yield padding(long.length);
  }
  yield writeHeader({ name: bytes.subarray(0, 100), size, type: "0", mode, modifiedMs });
}

function padding(length: number): Uint8Array {
  return new Uint8Array((blockBytes - (length % blockBytes)) % blockBytes);
}
