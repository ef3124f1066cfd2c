import type { PortableOutput } from "../types.ts";

/** A file that is small enough to be made at once. */
export function wholeFile(path: string, text: string): PortableOutput {
  const bytes = Buffer.from(text);
  return {
    path,
    size: bytes.length,
    chunks: async function* () {
      yield bytes;
    },
  };
}

/** As the reference writes its stores. */
export function prettyFile(path: string, value: unknown): PortableOutput {
  return wholeFile(path, `${JSON.stringify(value, undefined, 2)}\n`);
}
