import { join } from "node:path";
import { checkPrivate } from "@carapace/files";
import { Connection } from "../database/connection.ts";
import { toStateError } from "../database/failure.ts";
import { readSchemaVersion } from "../database/migrations.ts";
import { accepted } from "../directory.ts";
import { StateError } from "../errors.ts";
import { DamageLog } from "../integrity/damage.ts";
import { createMacs } from "../integrity/macs.ts";
import { Seals } from "../integrity/seals.ts";
import { deriveKeys, type StateKeys } from "../keys/derive.ts";
import type { KeyStore } from "../types.ts";
import { SigningKey } from "./signing-key.ts";
import { AuditTable } from "./table.ts";
import type { AuditReader } from "./types.ts";
import { createAuditReader } from "./view.ts";

export interface OpenAuditOptions {
  /** The state directory. */
  readonly dir: string;
  readonly keys: Pick<KeyStore, "load">;
  readonly nowMs: () => number;
}

/**
 * Opens the log of a state directory for reading, beside a gateway that runs or without one. The database is never
 * written to, nor brought to this program's schema.
 * @throws StateError `not_found` without a database or a log in it, and what `openState` throws
 */
export async function openAudit({
  dir,
  keys,
  nowMs,
}: OpenAuditOptions): Promise<AuditReader & AsyncDisposable> {
  const file = join(dir, "state.db");
  if (accepted(checkPrivate(file, "refuse")) === undefined)
    throw new StateError(
      "not_found",
      `There is no database in ${dir}: no gateway has kept anything there yet.`,
    );
  const root = await keys.load();
  if (root === undefined)
    throw new StateError("key_missing", `The key of ${file} is missing: put it back, or restore a backup.`);
  const stateKeys = deriveKeys(root);
  const { default: Database } = await import("libsql");
  const settings = { encryptionCipher: "aes256cbc", encryptionKey: stateKeys.database, timeout: 2000 };
  await using opened = new AsyncDisposableStack();
  try {
    const db = new Database(file, settings);
    // Not the connection's own close: that would write what the log beside the database holds into it.
    opened.defer(() => void db.close());
    const connection = new Connection(db, file);
    // The engine's binding ignores its option for opening read-only: this is what refuses every write.
    connection.script("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;");
    const reader = readerOf(connection, stateKeys, nowMs);
    const closing = opened.move();
    return { ...reader, [Symbol.asyncDispose]: () => closing.disposeAsync() };
  } catch (error) {
    throw toStateError(error, file);
  }
}

function readerOf(connection: Connection, keys: StateKeys, nowMs: () => number): AuditReader {
  const hasLog = connection.read(
    () => connection.get("SELECT 1 FROM sqlite_schema WHERE name = 'audit' AND type = 'table'") !== undefined,
  );
  if (!hasLog) {
    const version = readSchemaVersion(connection);
    const say = `${connection.file} has no audit log yet (schema ${version}): start the gateway once.`;
    throw new StateError("not_found", say);
  }
  const macs = createMacs(keys);
  const damage = new DamageLog();
  const deps = { connection, macs, damage, seals: new Seals(connection, macs, damage) };
  return createAuditReader({ connection, nowMs, table: new AuditTable(deps), key: new SigningKey(deps) });
}
