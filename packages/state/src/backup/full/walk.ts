import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isScratch } from "../scratch.ts";

/** The folder below the state directory that keeps what restores replaced. */
export const keptFolder = "before-restore";

/** What a restore still has to put into the credential store; it goes when that is done. */
export const restoredCredentials = "restored-credentials.json";

/** What belongs to this machine or this moment and not into an archive; nor does a restore touch it. */
const notOurs: readonly RegExp[] = [
  /^state\.db(-wal|-shm|-journal|\.new.*)?$/,
  /^state\.key(\.accounts)?$/,
  /^daemon\.pid$/,
  /\.lock$/,
  /^pending-change(\.json)?$/,
  /\.tmp\.\d+\.\d+$/,
  /\.part\.\d+$/,
  // The index of this machine's credential store.
  /^credentials$/,
  new RegExp(`^(${keptFolder}|${restoredCredentials})$`),
];

/** Pure. True for a name at the top of the state directory that is no part of an archive. */
export function isLeftOut(name: string): boolean {
  return isScratch(name) || notOurs.some((pattern) => pattern.test(name));
}

export interface WalkedFile {
  /** Below the directory, with `/`. */
  readonly path: string;
  readonly kind: "file" | "folder" | "other";
}

/** Everything below a directory that belongs into an archive, sorted; links and devices are `other`, never followed. */
export function* walk(dir: string, except: ReadonlySet<string>): Generator<WalkedFile> {
  for (const name of readdirSync(dir).sort()) {
    if (!isLeftOut(name)) yield* walkEntry(dir, name, except);
  }
}

function* walkEntry(dir: string, path: string, except: ReadonlySet<string>): Generator<WalkedFile> {
  const full = join(dir, path);
  if (except.has(full)) return;
  const facts = lstatSync(full, { throwIfNoEntry: false });
  if (facts === undefined) return;
  if (facts.isFile()) yield { path, kind: "file" };
  else if (!facts.isDirectory()) yield { path, kind: "other" };
  else {
    yield { path, kind: "folder" };
    for (const name of readdirSync(full).sort()) {
      // A lock or a draft is one at any depth.
      if (!/\.lock$|\.tmp\.\d+\.\d+$/.test(name)) yield* walkEntry(dir, `${path}/${name}`, except);
    }
  }
}
