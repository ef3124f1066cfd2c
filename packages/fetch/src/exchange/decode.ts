import type { Transform } from "node:stream";
import { FetchFault, refuseFetch } from "../failures.ts";

export type Encoding = "identity" | "gzip" | "deflate" | "br" | "zstd";

/**
 * How a body is compressed. @returns undefined for what is not accepted: unknown ways, and one inside another, which
 * only those need who want a small answer to become an enormous one.
 */
export function encodingOf(header: string | null): Encoding | undefined {
  const name = (header ?? "").trim().toLowerCase();
  if (name === "" || name === "identity") return "identity";
  if (name === "gzip" || name === "x-gzip") return "gzip";
  return name === "deflate" || name === "br" || name === "zstd" ? name : undefined;
}

/** A body's bytes decompressed, a few at a time as they are asked for. Throws `FetchFault` if they are damaged. */
export async function* decoded(
  source: AsyncIterable<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<Uint8Array> {
  if (encoding === "identity") {
    yield* source;
    return;
  }
  const { pipeline } = await import("node:stream/promises");
  const engine = await decompressor(encoding);
  const pumping = pipeline(source, engine).catch(() => {});
  try {
    yield* engine;
  } catch (error) {
    throw error instanceof FetchFault ? error : new FetchFault(refuseFetch("bad_response", true));
  } finally {
    engine.destroy();
    await pumping;
  }
}

/** What a decompressor of the web needs to remember (RFC 8878: 8 MiB); more is a way to take our memory. */
const maxWindowBits = 23;

async function decompressor(encoding: Exclude<Encoding, "identity">): Promise<Transform> {
  const zlib = await import("node:zlib");
  switch (encoding) {
    case "gzip":
      return zlib.createGunzip();
    case "deflate":
      return zlib.createInflate();
    case "br":
      return zlib.createBrotliDecompress();
    case "zstd":
      return zlib.createZstdDecompress({ params: { [zlib.constants.ZSTD_d_windowLogMax]: maxWindowBits } });
  }
}
