import { lstatSync, realpathSync, type Stats } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { readPrivate } from "@carapace/files/read";

/** A transform's program. */
export interface TransformSource {
  readonly text: string;
  readonly isTypeScript: boolean;
}

type Read =
  | { readonly ok: true; readonly source: TransformSource }
  | { readonly ok: false; readonly say: string };

const maxSourceBytes = 262_144;

interface Cached {
  readonly version: string;
  readonly source: TransformSource;
}

/**
 * Reads transforms from one folder (http.md §8.4 *Better*): only files of this user that nobody else may read or write,
 * inside of it, without a symbolic link on the way. What was read is kept until the file changes.
 */
export function createSources(): (folder: string, module: string) => Read {
  const known = new Map<string, Cached>();
  return (folder, module) => {
    const found = placeOf(folder, module);
    if (!found.ok) return found;
    const { path, facts } = found;
    // The time of the last change of its mode or owner is one of them.
    const version = [facts.dev, facts.ino, facts.size, facts.mtimeMs, facts.ctimeMs].join();
    const cached = known.get(path);
    if (cached?.version === version) return { ok: true, source: cached.source };
    const read = readPrivate(path, { maxBytes: maxSourceBytes, mode: "refuse" });
    if (!read.ok) return refused(`${module} ${read.why}`);
    if (read.value === undefined) return refused(`${module} is not there`);
    const source = { text: Buffer.from(read.value).toString("utf8"), isTypeScript: /\.[cm]?ts$/.test(path) };
    if (known.size >= maxKnown) known.clear();
    known.set(path, { version, source });
    return { ok: true, source };
  };
}

const maxKnown = 64;

type Place =
  | { readonly ok: true; readonly path: string; readonly facts: Stats }
  | { readonly ok: false; readonly say: string };

function placeOf(folder: string, module: string): Place {
  try {
    const base = realpathSync(folder);
    const path = resolve(base, module);
    const inside = relative(base, path);
    if (inside === "" || inside === ".." || inside.startsWith(`..${sep}`) || resolve(inside) === inside)
      return refused(`${module} is outside of gateway.hooks.transformsDir`);
    if (!/\.[cm]?[jt]s$/.test(path)) return refused(`${module} is no JavaScript or TypeScript file`);
    for (let on = dirname(path); ; on = dirname(on)) {
      const say = folderFault(on);
      if (say !== undefined) return refused(say);
      if (on === base) break;
    }
    const facts = lstatSync(path);
    return facts.isFile() ? { ok: true, path, facts } : refused(`${module} is not a regular file`);
  } catch {
    return refused(`${join(folder, module)} is not there, or cannot be read`);
  }
}

/** Why a file of this folder is not to be trusted: somebody else could put another in its place. */
function folderFault(path: string): string | undefined {
  const facts = lstatSync(path);
  if (!facts.isDirectory()) return `${path} is a symbolic link, or no folder`;
  const self = process.geteuid?.();
  if (self === undefined) return undefined;
  if (facts.uid !== self && facts.uid !== 0) return `${path} belongs to another user`;
  return (facts.mode & 0o022) === 0 ? undefined : `${path} can be written by other users`;
}

function refused(say: string): { readonly ok: false; readonly say: string } {
  return { ok: false, say };
}
