import type { State } from "../../types.ts";
import { type PortableSource, portableSections, type WriteOptions } from "../types.ts";

/** What a state writes, as a source: files by path. Checks that each has the size it was announced with. */
export async function writtenFiles(
  state: State,
  options: Partial<WriteOptions> = {},
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const given = {
    sections: portableSections,
    randomBytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)),
    nowMs: () => 1_764_000_000_000,
    ...options,
  };
  for await (const { path, size, chunks } of state.portable.write(given)) {
    const bytes = Buffer.concat(await Array.fromAsync(chunks()));
    if (bytes.length !== size) throw new Error(`${path} has ${bytes.length} bytes, not ${size}`);
    if (files.has(path)) throw new Error(`${path} was written twice`);
    files.set(path, bytes);
  }
  return files;
}

/** An archive in memory. */
export function memorySource(files: ReadonlyMap<string, Uint8Array>): PortableSource {
  return {
    name: "memory",
    entries: async function* () {
      for (const [path, bytes] of files) yield { path, size: bytes.length };
    },
    open: async function* (path) {
      // In small pieces, so that lines and characters are cut anywhere.
      const bytes = files.get(path) ?? new Uint8Array();
      for (let at = 0; at < bytes.length; at += 97) yield bytes.subarray(at, at + 97);
    },
  };
}
