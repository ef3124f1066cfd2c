import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  type Change,
  changeTogether,
  type DiskSteps,
  finishTogether,
  stageTogether,
  systemSteps,
} from "@carapace/files";
import { createAuditLog } from "../audit/log.ts";
import { checkFiles } from "../database/open.ts";
import { accepted, fileError } from "../directory.ts";
import { StateError } from "../errors.ts";
import { createMacs } from "../integrity/macs.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { deriveKeys, type StateKeys } from "../keys/derive.ts";
import type { StateKeyStore } from "../keys/places.ts";
import { encodeStoredKey, keyBytes, type StoredKey } from "../keys/stored-key.ts";
import { outsideOf, pathBelow } from "../pending.ts";
import type { Damage } from "../types.ts";
import { copyDatabase, draftDeps, openDraft, verifyDraft } from "./draft.ts";
import { type Passwords, resealProfiles } from "./profiles.ts";
import { countRows, resealAll } from "./reseal/reseal.ts";

/** How far a rotation is; of `total` rows where they are counted. */
export interface RekeyProgress {
  readonly phase: "copy" | "check" | "encrypt" | "seal" | "check again" | "swap";
  readonly done: number;
  readonly total: number;
}

export interface RekeyOptions {
  readonly dir: string;
  readonly keys: StateKeyStore;
  /** The passwords for what is sealed with one; undefined if none is set. */
  readonly passwords: Passwords | undefined;
  /** A file that changes with it, by its absolute path: the configuration, sealed anew. */
  readonly file?: { readonly path: string; readonly bytes: Uint8Array } | undefined;
  /** A file of the state directory that changes with it, by its name there: the stored sign-ins, sealed anew. */
  readonly profiles?: { readonly name: string; readonly bytes: Uint8Array } | undefined;
  readonly nowMs: () => number;
  /** Contract: must not throw. */
  readonly onProgress?: (progress: RekeyProgress) => void;
  readonly steps?: DiskSteps;
}

export interface RekeyReport {
  /** Where the new key is. */
  readonly place: StoredKey["place"];
  /** How many values of login profiles were sealed anew. */
  readonly profileValues: number;
  /** What was damaged before, and is now. */
  readonly damage: readonly Damage[];
  /** Set if everything is decided, but this process could not finish it: the next start does. */
  readonly unfinished?: string;
}

/**
 * Gives a state directory a new key: the database is copied, the copy encrypted and sealed anew throughout and verified,
 * and then it, `state.key` and the configuration change together. Whenever the process dies, exactly the old or exactly
 * the new opens. The caller holds the instance lock, has called `finishPendingChange`, and has nothing open.
 * @throws StateError; nothing was changed then
 */
export async function rekeyState(options: RekeyOptions): Promise<RekeyReport> {
  const { dir, keys, steps = systemSteps } = options;
  const outside = options.file === undefined ? [] : outsideOf(dir, [options.file.path]);
  try {
    return await rekey({ ...options, steps, outside });
  } finally {
    // What was not decided is dropped, here and in the credential store.
    finishTogether(dir, { outside, steps });
    await keys.tidy();
  }
}

type Work = RekeyOptions & { readonly steps: DiskSteps; readonly outside: readonly string[] };

async function rekey(work: Work): Promise<RekeyReport> {
  const { dir, keys, steps, onProgress = () => undefined } = work;
  const root = await keys.load();
  if (root === undefined) throw withoutKey(dir);
  const fresh = new Uint8Array(randomBytes(keyBytes));
  const folder = accepted(stageTogether(dir, steps));
  onProgress({ phase: "copy", done: 0, total: 0 });
  const [oldKeys, newKeys] = [deriveKeys(root), deriveKeys(fresh)];
  const file = await copyDatabase(dir, folder, oldKeys.database);
  const built = await rebuild(work, { file, oldKeys, newKeys });
  const stored = await keys.prepare(fresh, work.passwords?.next);
  onProgress({ phase: "swap", done: 0, total: 0 });
  const changed = changeTogether(dir, changesOf(work, file, stored), { outside: work.outside, steps });
  if (!changed.ok) throw fileError(changed);
  const { value } = changed;
  return {
    place: stored.place,
    ...built,
    ...(value.kind === "decided" && { unfinished: value.because.say }),
  };
}

function changesOf({ dir, file: also, profiles }: Work, staged: string, stored: StoredKey): Change[] {
  const changes: Change[] = [
    { kind: "move", path: "state.db", staged },
    // The old log must never be replayed onto the new database.
    { kind: "remove", path: "state.db-wal" },
    { kind: "remove", path: "state.db-shm" },
    { kind: "write", path: "state.key", bytes: encodeStoredKey(stored) },
  ];
  if (also !== undefined) {
    changes.push({ kind: "write", path: pathBelow(dir, also.path) ?? also.path, bytes: also.bytes });
  }
  if (profiles !== undefined) changes.push({ kind: "write", path: profiles.name, bytes: profiles.bytes });
  return changes;
}

interface Rebuild {
  readonly file: string;
  readonly oldKeys: StateKeys;
  readonly newKeys: StateKeys;
}

async function rebuild(
  { passwords, nowMs, onProgress = () => undefined }: Work,
  { file, oldKeys, newKeys }: Rebuild,
): Promise<Pick<RekeyReport, "damage" | "profileValues">> {
  onProgress({ phase: "check", done: 0, total: 0 });
  const damage = await encrypted(file, { oldKeys, newKeys }, onProgress);
  const connection = await openDraft(file, newKeys.database);
  try {
    const total = countRows({ connection });
    let done = 0;
    const count = (rows: number) => {
      done += rows;
      onProgress({ phase: "seal", done, total });
    };
    const [old, fresh] = [createMacs(oldKeys), createMacs(newKeys)];
    resealAll({ connection, old, fresh, moved: new Map(), count });
    const deps = draftDeps(connection, newKeys);
    const profileValues = passwords === undefined ? 0 : await resealProfiles(deps, passwords);
    await recordRekey(deps, nowMs);
    onProgress({ phase: "check again", done: 0, total });
    // A register of its own: nothing that was read before stands in for what is stored.
    assertSame(damage, await verifyDraft(draftDeps(connection, newKeys), newKeys));
    return { damage, profileValues };
  } finally {
    connection.close();
  }
}

// In the copy: the log tells of a rotation exactly if it took place.
async function recordRekey(deps: SealedDeps, nowMs: () => number): Promise<void> {
  const onFault = () => undefined;
  const log = createAuditLog({ ...deps, nowMs, redact: (text) => text, onFault });
  try {
    await log.audit.append({ actor: "cli", event: "state_rekeyed", data: { step: "swap", outcome: "done" } });
  } finally {
    log.close();
  }
}

/** Verifies the copy under the old keys and encrypts it with the new one. @returns what was damaged */
async function encrypted(
  file: string,
  { oldKeys, newKeys }: Pick<Rebuild, "oldKeys" | "newKeys">,
  onProgress: (progress: RekeyProgress) => void,
): Promise<readonly Damage[]> {
  const connection = await openDraft(file, oldKeys.database);
  try {
    const damage = await verifyDraft(draftDeps(connection, oldKeys), oldKeys);
    onProgress({ phase: "encrypt", done: 0, total: 0 });
    // The key is 64 hex characters: nothing in it needs quoting.
    connection.script(`PRAGMA rekey = '${newKeys.database}'`);
    return damage;
  } finally {
    connection.close();
  }
}

function assertSame(before: readonly Damage[], after: readonly Damage[]): void {
  const [known, found] = [before, after].map((all) => new Set(all.map(({ say }) => say)));
  if (known?.symmetricDifference(found ?? new Set()).size === 0) return;
  const say =
    "The copy under the new key does not verify as the database does: nothing was changed. Run cara doctor.";
  throw new StateError("database_damaged", say);
}

function withoutKey(dir: string): StateError {
  return checkFiles(join(dir, "state.db")) === undefined
    ? new StateError("not_found", `There is no database in ${dir} yet: there is no key to change.`)
    : new StateError(
        "key_missing",
        `The key of ${dir}/state.db is missing: put it back, or restore a backup.`,
      );
}
