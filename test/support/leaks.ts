import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A secret that was put somewhere, and where. */
export interface Planted {
  /** `config: openai`: which input, which kind. */
  readonly label: string;
  readonly core: string;
}

/** Half a secret is as bad as a whole one. */
const maxNeedle = 18;

interface Needle {
  readonly label: string;
  readonly bytes: Buffer;
}

/**
 * What to look for: beginning and end of each secret, plain, in base64 wherever it begins, in hexadecimal and in UTF-16.
 */
function needlesOf(planted: readonly Planted[]): readonly Needle[] {
  return planted.flatMap(({ label, core }) => {
    const needle = (form: string, bytes: Buffer | string): Needle => ({
      label: `${label} (${form})`,
      bytes: typeof bytes === "string" ? Buffer.from(bytes) : bytes,
    });
    const half = Math.min(maxNeedle, Math.max(10, Math.ceil(core.length / 2)));
    return [core.slice(0, half), core.slice(-half)].flatMap((part) => [
      needle("plain", part),
      needle("UTF-16", Buffer.from(part, "utf16le")),
      needle("hex", Buffer.from(part).toString("hex")),
      ...[0, 1, 2].map((offset) => needle("base64", base64At(part, offset))),
    ]);
  });
}

function base64At(text: string, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]).toString("base64");
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + Buffer.byteLength(text)) * 8) / 6));
}

/** Looks for planted secrets in whatever came out. */
export interface LeakSearch {
  /** @returns one line for each secret that stands in it */
  in(where: string, content: string | Uint8Array): string[];
  /** Every byte and every name under a folder, except files that the owner wrote. */
  under(folder: string, isOwners: (path: string) => boolean): string[];
}

export function searchFor(planted: readonly Planted[]): LeakSearch {
  const byStart = new Map<number, Needle[]>();
  // One pass over the content, however many secrets there are.
  const isStart = new Uint8Array(1 << 24);
  for (const needle of needlesOf(planted)) {
    const start = startAt(needle.bytes, 0);
    isStart[start] = 1;
    byStart.set(start, [...(byStart.get(start) ?? []), needle]);
  }
  const find = (where: string, content: string | Uint8Array): string[] => {
    const bytes = Buffer.from(content);
    const found = new Set<string>();
    for (let at = 0; at + 2 < bytes.length; at += 1) {
      const start = startAt(bytes, at);
      if (isStart[start] !== 1) continue;
      for (const one of byStart.get(start) ?? []) {
        const isHere = bytes.subarray(at, at + one.bytes.length).equals(one.bytes);
        if (isHere) found.add(`${one.label} in ${where}`);
      }
    }
    return [...found];
  };
  return {
    in: find,
    under: (folder, isOwners) =>
      filesUnder(folder)
        .filter((path) => !isOwners(path))
        .flatMap((path) => find(path, readFileSync(path))),
  };
}

function startAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}

/** The regular files under a folder, however deep. */
function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Files and folders that the group or anybody else may open. */
export function openToOthers(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return [folder, ...entries.map((entry) => join(entry.parentPath, entry.name))].filter((path) => {
    const stats = lstatSync(path);
    return !stats.isSymbolicLink() && (stats.mode & 0o077) !== 0;
  });
}
