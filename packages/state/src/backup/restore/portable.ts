import { copyFileSync, lstatSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Change } from "@carapace/files";
import { StateError } from "../../errors.ts";
import { knownKey } from "../../keys/known-key.ts";
import { encodeStoredKey } from "../../keys/stored-key.ts";
import { openState } from "../../open.ts";
import { readPortable } from "../../portable/read/read.ts";
import { directorySource } from "../../portable/source/directory.ts";
import type { ImportReport, PortableProblem } from "../../portable/types.ts";
import type { State } from "../../types.ts";
import { breather, breathing, whileBreathing } from "../breathing.ts";
import { mostHistoryBytes } from "../sections.ts";
import { refusedArchive } from "../tar/refusal.ts";
import { type Current, copyCurrent, copyFiles } from "./current.ts";
import { keptPath } from "./kept.ts";
import { configChange, configTarget, databaseChanges, isThere } from "./swap.ts";
import type { RestoreOptions } from "./types.ts";

/** What a restore is going to change, all of it prepared and verified. */
export interface Prepared {
  readonly changes: readonly Change[];
  readonly kept?: string;
  readonly sessions: number;
  readonly messages: number;
  readonly problems: readonly string[];
}

/** Takes the unpacked files into a copy of the database there is; what the archive has not, stays (cli.md §3.9). */
export async function preparePortable(
  options: RestoreOptions,
  staging: string,
  unpacked: string,
): Promise<Prepared> {
  const { dir } = options;
  const config = configOf(options, unpacked);
  const hasRecords = readdirSync(unpacked).some((name) => name !== "config");
  if (!hasRecords) return { ...keptConfig(options, staging, config), sessions: 0, messages: 0, problems: [] };
  const copy = join(staging, "database");
  mkdirSync(copy, { mode: 0o700 });
  const current = await copyCurrent(dir, options.keys, copy);
  const kept = keepPortable(options, staging, current);
  const { key, change } = await keyFor(options, current);
  const { report, problems } = await takeInto(options, { copy, unpacked, key });
  return {
    changes: [...databaseChanges(dir, join(copy, "state.db")), ...change, ...config, ...kept.changes],
    ...(kept.path !== undefined && { kept: kept.path }),
    sessions: report.stores.sessions.imported + report.stores.sessions.unchanged,
    messages: report.messages,
    problems: [
      ...(current.kind === "unusable" ? [`The database there was did not open: ${current.why}`] : []),
      ...problems,
    ],
  };
}

/** @throws StateError `bad_archive` unless the archive has one configuration file at most */
function configIn(unpacked: string): string | undefined {
  const folder = join(unpacked, "config");
  const [name, ...others] = isThere(folder) ? readdirSync(folder) : [];
  if (name === undefined) return undefined;
  if (others.length > 0 || !lstatSync(join(folder, name)).isFile()) {
    throw refusedArchive("holds more than one configuration file");
  }
  return join(folder, name);
}

function configOf({ dir, configPath }: RestoreOptions, unpacked: string): Change[] {
  const path = configIn(unpacked);
  if (path === undefined) return [];
  return [configChange(dir, configTarget(configPath), readFileSync(path))];
}

interface Kept {
  readonly changes: readonly Change[];
  readonly path?: string;
}

/** A safety copy of the database and of the configuration, prepared to appear with everything else. */
function keepPortable(options: RestoreOptions, staging: string, current: Current): Kept {
  const { dir, keep, nowMs } = options;
  const config = configTarget(options.configPath);
  const hasConfig = isThere(config);
  if (!keep || (current.kind === "none" && !hasConfig)) return { changes: [] };
  const copy = join(staging, "kept");
  mkdirSync(copy, { mode: 0o700 });
  if (current.kind === "usable") copyFileSync(join(staging, "database", "state.db"), join(copy, "state.db"));
  if (current.kind === "unusable") copyFiles(dir, copy);
  if (hasConfig) copyFileSync(config, join(copy, basename(config)));
  const path = keptPath(dir, nowMs());
  return { changes: [{ kind: "move", path, staged: copy }], path: join(dir, path) };
}

function keptConfig(
  options: RestoreOptions,
  staging: string,
  config: readonly Change[],
): Pick<Prepared, "changes" | "kept"> {
  if (config.length === 0) throw refusedArchive("holds nothing to restore");
  const kept = keepPortable(options, staging, { kind: "none" });
  return { changes: [...config, ...kept.changes], ...(kept.path !== undefined && { kept: kept.path }) };
}

/** The key of the database that will be: the one there is, or a new one whose place is part of the change. */
async function keyFor(
  { keys, random, password }: RestoreOptions,
  current: Current,
): Promise<{ readonly key: Uint8Array; readonly change: readonly Change[] }> {
  if (current.kind !== "unusable" && current.key !== undefined) return { key: current.key, change: [] };
  const key = random(32);
  const stored = await keys.prepare(key, password);
  return { key, change: [{ kind: "write", path: "state.key", bytes: encodeStoredKey(stored) }] };
}

interface Copy {
  readonly copy: string;
  readonly unpacked: string;
  readonly key: Uint8Array;
}

async function takeInto(
  options: RestoreOptions,
  { copy, unpacked, key }: Copy,
): Promise<{ readonly report: ImportReport; readonly problems: readonly string[] }> {
  const { nowMs, newId, facts, signal } = options;
  await using state = await openState({
    dir: copy,
    isDraft: true,
    keys: knownKey(key),
    newId,
  });
  options.onPhase?.("Taking it into a copy of the database");
  const folder = directorySource(unpacked, { layout: "archive" });
  const source = { ...folder, open: (path: string) => breathing(folder.open(path)) };
  const items = readPortable(source, {
    trustFacts: facts.isEncrypted ? "all" : "authentic",
    maxHistoryBytes: mostHistoryBytes,
    ...(options.password !== undefined && { password: options.password }),
    hmacSecrets: await options.hmacSecrets(configIn(unpacked)),
    ...(signal !== undefined && { signal }),
  });
  const report = await state.portable.import(items, {
    mode: "replace",
    onProgress: breather(),
    source: `backup ${facts.created}`,
    nowMs,
    ...(signal !== undefined && { signal }),
  });
  await auditRestore(state, options);
  options.onPhase?.("Verifying the copy");
  const damage = await whileBreathing(() => state.verify(signal));
  if (damage.length > 0 && damage.length > (await damageBefore(options, copy))) {
    const say = `What was restored does not verify (${damage[0]?.say ?? ""}): nothing was changed.`;
    throw new StateError("corrupt", say);
  }
  return { report, problems: [...report.problems.map(sentence), ...damage.map(({ say }) => say)] };
}

/** What was restored tells of it itself (state.md §9). */
export async function auditRestore(state: State, { archivePath, facts }: RestoreOptions): Promise<void> {
  const data = { path: archivePath, sections: [...facts.sections] };
  await state.audit.append({ actor: "cli", event: "backup_restored", data });
}

/** How much of the database there is did not verify already: that is no reason to refuse a restore. */
async function damageBefore({ dir, keys, newId, signal }: RestoreOptions, copy: string): Promise<number> {
  const before = join(copy, "before");
  mkdirSync(before, { mode: 0o700 });
  const current = await copyCurrent(dir, keys, before);
  if (current.kind !== "usable") return 0;
  await using state = await openState({
    dir: before,
    keys: knownKey(current.key),
    newId,
  });
  return (await whileBreathing(() => state.verify(signal))).length;
}

function sentence({ path, say, line }: PortableProblem): string {
  return `${path}${line === undefined ? "" : `, line ${line}`}: ${say}`;
}
