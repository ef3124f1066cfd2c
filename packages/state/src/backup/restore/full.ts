import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Change } from "@carapace/files";
import { knownKey } from "../../keys/known-key.ts";
import { noteAccounts } from "../../keys/leftovers.ts";
import { encodeStoredKey, keyBytes, parseKey, readStoredKey } from "../../keys/stored-key.ts";
import { openState } from "../../open.ts";
import { pathBelow } from "../../pending.ts";
import { whileBreathing } from "../breathing.ts";
import { createBackup } from "../create.ts";
import { type Manifest, places, readCredentials, readManifest } from "../full/manifest.ts";
import { isLeftOut, restoredCredentials } from "../full/walk.ts";
import { refusedArchive } from "../tar/refusal.ts";
import { copyFiles, databaseFiles, isBeyondRepair } from "./current.ts";
import { holdMessages } from "./held-messages.ts";
import { keptPath } from "./kept.ts";
import { auditRestore, type Prepared } from "./portable.ts";
import { configTarget, databaseChanges, isThere } from "./swap.ts";
import type { RestoreOptions } from "./types.ts";

/** Everything of the archive takes the place of everything there is; the key goes where this machine keeps keys best. */
export async function prepareFull(
  options: RestoreOptions,
  staging: string,
  unpacked: string,
): Promise<Prepared> {
  const at = (place: string): string => join(unpacked, ...place.split("/"));
  const manifest = readManifest(readFileSync(at(places.manifest)));
  const files = join(unpacked, "full", "files");
  mkdirSync(files, { recursive: true, mode: 0o700 });
  const config = arrangeConfig(options, { manifest, files, from: join(unpacked, "full", "config") });
  const database = manifest.hasDatabase ? await prepareDatabase(options, staging, at) : undefined;
  const kept = await keepAll(options, staging);
  const pending = pendingCredentials(at(places.credentials));
  if (!kept.isRaw) forgetOldKey(options.dir);
  return {
    changes: [
      ...fileChanges(options, files),
      ...(database?.changes ?? databaseFiles.filter((name) => isThere(join(options.dir, name))).map(removed)),
      ...config.changes,
      ...pending,
      ...kept.changes,
    ],
    ...(kept.path !== undefined && { kept: kept.path }),
    sessions: database?.sessions ?? 0,
    messages: database?.messages ?? 0,
    problems: [...config.problems, ...kept.problems, ...(database?.problems ?? [])],
  };
}

/** The account of the old key goes once the new one is in use; until then it is only noted. */
function forgetOldKey(dir: string): void {
  try {
    const old = readStoredKey(dir);
    if (old?.place === "credential-store") noteAccounts(dir, [old.id]);
  } catch (error) {
    // One that cannot be read names no account.
    if (!isBeyondRepair(error)) throw error;
  }
}

function removed(path: string): Change {
  return { kind: "remove", path };
}

interface ConfigParts {
  readonly manifest: Manifest;
  /** Where the unpacked files of the state directory are. */
  readonly files: string;
  /** The unpacked configuration. */
  readonly from: string;
}

/** Puts the configuration where this machine looks for it, what it includes beside it. */
function arrangeConfig(
  { dir, configPath }: RestoreOptions,
  { manifest, files, from }: ConfigParts,
): { readonly changes: Change[]; readonly problems: string[] } {
  if (manifest.config === undefined) return { changes: [], problems: [] };
  const main = join(from, manifest.config);
  if (!isThere(main)) throw refusedArchive("does not hold the configuration it speaks of");
  const target = configTarget(configPath);
  const inside = pathBelow(dir, target);
  if (inside === undefined) {
    const others = readdirSync(from).filter((name) => name !== manifest.config);
    const changes: Change[] = [{ kind: "write", path: target, bytes: readFileSync(main) }];
    if (others.length === 0) return { changes, problems: [] };
    renameSync(from, join(files, "restored-config"));
    const say = `What the configuration includes is in ${join(dir, "restored-config")}: put it beside ${target}.`;
    return { changes, problems: [say] };
  }
  const folder = join(files, dirname(inside));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  renameSync(main, join(from, basename(inside)));
  merge(from, folder);
  return { changes: [], problems: [] };
}

/** Moves everything of one folder into another; where both have a folder, its content. */
function merge(from: string, into: string): void {
  for (const name of readdirSync(from)) {
    const target = join(into, name);
    if (!isThere(target)) renameSync(join(from, name), target);
    else if (lstatSync(target).isDirectory() && lstatSync(join(from, name)).isDirectory()) {
      merge(join(from, name), target);
    } else throw refusedArchive(`holds a name twice (${name})`);
  }
}

async function prepareDatabase(options: RestoreOptions, staging: string, at: (place: string) => string) {
  const { keys, password, dir } = options;
  const key = parseKey(readFileSync(at(places.key), "utf8").trim());
  if (key === undefined || key.length !== keyBytes)
    throw refusedArchive("does not hold the key of its database");
  const copy = join(staging, "database");
  mkdirSync(copy, { mode: 0o700 });
  renameSync(at(places.database), join(copy, "state.db"));
  options.onPhase?.("Verifying the database");
  const { damage, held, sessions, messages } = await verified(options, copy, key);
  const stored = await keys.prepare(key, password);
  return {
    sessions,
    messages,
    changes: [
      ...databaseChanges(dir, join(copy, "state.db")),
      { kind: "write", path: "state.key", bytes: encodeStoredKey(stored) } satisfies Change,
    ],
    problems: [...damage.map(({ say }) => say), ...(held === undefined ? [] : [held])],
  };
}

async function verified(options: RestoreOptions, copy: string, key: Uint8Array) {
  await using state = await openState({
    dir: copy,
    isDraft: true,
    keys: knownKey(key),
    newId: options.newId,
  });
  await auditRestore(state, options);
  const held = await holdMessages(state, { madeAt: options.facts.created, nowMs: options.nowMs() });
  const damage = await whileBreathing(() => state.verify(options.signal));
  const sessions = await state.sessions.list({});
  const messages = sessions.reduce((sum, session) => sum + session.messageCount, 0);
  return { damage, held, sessions: await state.sessions.count(), messages };
}

/** What is at the top of the state directory comes whole from the archive, or goes. */
function fileChanges({ dir }: RestoreOptions, files: string): Change[] {
  const fresh = new Set(readdirSync(files));
  for (const name of fresh) {
    if (isLeftOut(name)) throw refusedArchive(`holds a file that belongs into no archive (${name})`);
  }
  const old = readdirSync(dir).filter((name) => !isLeftOut(name) && !fresh.has(name));
  const plain = old.filter((name) => {
    const facts = lstatSync(join(dir, name));
    return facts.isFile() || facts.isDirectory();
  });
  const moved = [...fresh].map((path): Change => ({ kind: "move", path, staged: join(files, path) }));
  return [...moved, ...plain.map(removed)];
}

function pendingCredentials(path: string): Change[] {
  const bytes = readFileSync(path);
  if (Object.keys(readCredentials(bytes)).length === 0) return [];
  return [{ kind: "write", path: restoredCredentials, bytes }];
}

interface KeptAll {
  readonly changes: readonly Change[];
  readonly path?: string;
  readonly problems: readonly string[];
  /** What is kept still needs the old key where it is. */
  readonly isRaw: boolean;
}

/** An encrypted archive of everything there is, under the same passphrase; of a database that does not open, its files. */
async function keepAll(options: RestoreOptions, staging: string): Promise<KeptAll> {
  const { dir, keep, archive, nowMs } = options;
  if (!keep || !hasAnything(options)) return { changes: [], problems: [], isRaw: false };
  if (archive.key === undefined) throw refusedArchive("holds every secret and is not encrypted");
  options.onPhase?.("Keeping what is replaced");
  const name = keptPath(dir, nowMs());
  const copy = join(staging, "kept");
  mkdirSync(copy, { mode: 0o700 });
  const kept = {
    changes: [{ kind: "move", path: name, staged: copy } satisfies Change],
    path: join(dir, name),
  };
  try {
    const { leftOut } = await createBackup({
      ...options,
      config: { main: configTarget(options.configPath), included: [] },
      kind: "full",
      secret: archive.key,
      output: join(copy, "everything.carapace"),
      overwrite: false,
    });
    return { ...kept, problems: leftOut, isRaw: false };
  } catch (error) {
    if (!isBeyondRepair(error)) throw error;
    copyFiles(dir, copy);
    const why = `The database there was did not open, its files are kept as they were: ${error.message}`;
    return { ...kept, problems: [why], isRaw: true };
  }
}

function hasAnything({ dir, configPath }: RestoreOptions): boolean {
  const names = readdirSync(dir);
  return isThere(configPath) || names.includes("state.db") || names.some((name) => !isLeftOut(name));
}
