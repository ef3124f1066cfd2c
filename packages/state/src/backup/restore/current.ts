import { copyFileSync, lstatSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { StateError } from "../../errors.ts";
import { keyPath } from "../../keys/stored-key.ts";
import type { KeyStore } from "../../types.ts";
import { snapshotDatabase } from "../snapshot.ts";

/** What there is before a restore. `unusable`: it does not open, and what a restore brings must not depend on it. */
export type Current =
  | { readonly kind: "usable"; readonly key: Uint8Array }
  | { readonly kind: "none"; readonly key?: Uint8Array }
  | { readonly kind: "unusable"; readonly why: string };

const beyondRepair: ReadonlySet<string> = new Set([
  "key_missing",
  "key_unreadable",
  "wrong_key",
  "not_a_database",
  "corrupt",
]);

/**
 * Copies the database there is into a folder, as it is at this moment; afterwards its log is empty.
 * @throws StateError for whatever may pass: a locked key, a newer schema, a full disk
 */
export async function copyCurrent(dir: string, keys: KeyStore, into: string): Promise<Current> {
  try {
    const key = await keys.load();
    if (key === undefined) {
      return hasDatabase(dir) ? { kind: "unusable", why: "its key is missing" } : { kind: "none" };
    }
    const size = await snapshotDatabase({ dir, key, into });
    return size === undefined ? { kind: "none", key } : { kind: "usable", key };
  } catch (error) {
    if (isBeyondRepair(error)) return { kind: "unusable", why: error.message };
    throw error;
  }
}

/** True if a database does not open whatever is done: its key is gone or another one's, or it is damaged. */
export function isBeyondRepair(error: unknown): error is StateError {
  return error instanceof StateError && beyondRepair.has(error.code);
}

function hasDatabase(dir: string): boolean {
  return lstatSync(join(dir, "state.db"), { throwIfNoEntry: false }) !== undefined;
}

/** Copies the files of a database that does not open, and its key, as they are: somebody may still mend them. */
export function copyFiles(dir: string, into: string): void {
  mkdirSync(into, { recursive: true, mode: 0o700 });
  for (const path of [...databaseFiles.map((name) => join(dir, name)), keyPath(dir)]) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === true) {
      copyFileSync(path, join(into, path.slice(dir.length + 1)));
    }
  }
}

/** The database and what the engine keeps beside it. */
export const databaseFiles = ["state.db", "state.db-wal", "state.db-shm", "state.db-journal"] as const;
