import { constants, copyFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { refuseSystem } from "@carapace/files";
import { ArchiveTable } from "../archives/archives.ts";
import { AuditTable } from "../audit/table.ts";
import type { Connection } from "../database/connection.ts";
import { migrate } from "../database/migrations.ts";
import { checkFiles, openDatabase } from "../database/open.ts";
import { fileError } from "../directory.ts";
import { StateError } from "../errors.ts";
import { DamageLog } from "../integrity/damage.ts";
import { createMacs } from "../integrity/macs.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { Seals } from "../integrity/seals.ts";
import { verifyState } from "../integrity/verify.ts";
import type { StateKeys } from "../keys/derive.ts";
import { CompactionTable } from "../messages/compactions.ts";
import { MessageTable } from "../messages/table.ts";
import { RunTable } from "../runs/table.ts";
import { SessionTable } from "../sessions/table.ts";
import type { Damage } from "../types.ts";
import { UsageTable } from "../usage/table.ts";

const busyTimeoutMs = 2000;

/** Copies the closed database, its log written back, into a folder. @returns the copy's path */
export async function copyDatabase(dir: string, folder: string, key: string): Promise<string> {
  const file = join(dir, "state.db");
  if (checkFiles(file) === undefined) {
    throw new StateError("not_found", `There is no database in ${dir} yet: there is no key to change.`);
  }
  const connection = await openDatabase({ file, key, busyTimeoutMs });
  connection.close();
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false });
  if (log !== undefined && log.size > 0) {
    throw new StateError(
      "busy",
      `The log of ${file} cannot be written back: free some space, stop what uses it, and try again.`,
    );
  }
  const copy = join(folder, "state.db");
  try {
    copyFileSync(file, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (error) {
    throw fileError(refuseSystem(copy, error, "written"));
  }
  return copy;
}

/** Opens a copy that may be lost at any moment: nothing of it is journalled or synced until it takes its place. */
export async function openDraft(file: string, key: string): Promise<Connection> {
  const connection = await openDatabase({ file, key, busyTimeoutMs, journal: "DELETE" });
  try {
    connection.script("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;");
    migrate(connection);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** What reads and checks a draft under some keys. */
export function draftDeps(connection: Connection, keys: StateKeys): SealedDeps {
  const macs = createMacs(keys);
  const damage = new DamageLog();
  return { connection, macs, damage, seals: new Seals(connection, macs, damage) };
}

/** Verifies the whole of a draft. @returns what is damaged */
export async function verifyDraft(base: SealedDeps, keys: StateKeys): Promise<readonly Damage[]> {
  const { connection, macs, seals } = base;
  const sessions = new SessionTable(base);
  return await verifyState({
    ...base,
    sessions,
    messages: new MessageTable({ connection, macs, sessions }),
    compactions: new CompactionTable(connection, macs),
    archives: new ArchiveTable(connection, macs),
    runs: new RunTable({ connection, macs, seals, sessions }),
    usage: new UsageTable(base),
    audit: new AuditTable(base),
    access: { file: connection.file, key: keys.database, busyTimeoutMs },
  });
}
