import { join } from "node:path";
import { isChangeDecided } from "@carapace/files";
import { readSchemaVersion, schemaVersion } from "../database/migrations.ts";
import { checkFiles, openDatabase } from "../database/open.ts";
import { StateError } from "../errors.ts";
import { DamageLog } from "../integrity/damage.ts";
import { createMacs } from "../integrity/macs.ts";
import { Seals } from "../integrity/seals.ts";
import { deriveKeys } from "../keys/derive.ts";
import type { KeyStore } from "../types.ts";
import type { AuditEvent, Redact } from "./entry.ts";
import { createAuditLog } from "./log.ts";

export interface AppendAuditOptions {
  /** The state directory; the caller holds its lock. */
  readonly dir: string;
  readonly keys: Pick<KeyStore, "load">;
  readonly nowMs: () => number;
  readonly redact: Redact;
}

/**
 * Appends one event to the log of a state directory that nobody has open, and to nothing else: neither its schema is
 * brought to this program's, nor what is unfinished in it finished; that is for the gateway. Durable when it returns.
 * @throws StateError; nothing was appended then
 */
export async function appendAudit(options: AppendAuditOptions, event: AuditEvent): Promise<void> {
  const file = join(options.dir, "state.db");
  if (checkFiles(file) === undefined) throw new StateError("not_found", `There is no database ${file}.`);
  const root = await options.keys.load();
  if (root === undefined)
    throw new StateError("key_missing", `The key of ${file} is missing: put it back, or restore a backup.`);
  const keys = deriveKeys(root);
  const connection = await openDatabase({ file, key: keys.database, busyTimeoutMs: 2000 });
  try {
    if (readSchemaVersion(connection) !== schemaVersion || isChangeDecided(options.dir))
      throw new StateError("busy", `${file} is to be brought up to date: start the gateway once.`);
    const damage = new DamageLog();
    const macs = createMacs(keys);
    const deps = { connection, macs, damage, seals: new Seals(connection, macs, damage) };
    const log = createAuditLog({ ...deps, ...options, onFault: () => undefined });
    try {
      await log.audit.append(event);
    } finally {
      log.close();
    }
  } finally {
    connection.close();
  }
}
