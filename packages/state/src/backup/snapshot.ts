import { closeSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { systemSteps } from "@carapace/files";
import { readSchemaVersion } from "../database/migrations.ts";
import { checkFiles, openDatabase } from "../database/open.ts";
import { StateError } from "../errors.ts";
import { deriveKeys } from "../keys/derive.ts";
import { explained } from "./explained.ts";

const busyTimeoutMs = 10_000;

export interface SnapshotAsk {
  /** The state directory. */
  readonly dir: string;
  /** The root key, 32 bytes. */
  readonly key: Uint8Array;
  /** A folder; `state.db` is made in it. */
  readonly into: string;
}

/**
 * Copies the database as it is at one moment, encrypted with the same key, also while a gateway works on it: the engine
 * reads one snapshot, and whoever writes meanwhile does not wait.
 * @returns its size in bytes, or undefined if there is no database
 */
export async function snapshotDatabase({ dir, key, into }: SnapshotAsk): Promise<number | undefined> {
  const file = join(dir, "state.db");
  if (checkFiles(file) === undefined) return undefined;
  const target = join(into, "state.db");
  const connection = await openDatabase({ file, key: deriveKeys(key).database, busyTimeoutMs });
  try {
    if (readSchemaVersion(connection) === 0) {
      throw new StateError("corrupt", `${file} is empty: restore a backup, or move the file away.`);
    }
    // The engine fills an empty file, so that it is the owner's alone from the start.
    closeSync(systemSteps.create(target));
    connection.copyTo(target);
  } catch (error) {
    throw explained(target, error);
  } finally {
    connection.close();
  }
  return lstatSync(target).size;
}
