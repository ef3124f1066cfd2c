import { join } from "node:path";
import { createAuditLog } from "../audit/log.ts";
import { readSchemaVersion, schemaVersion } from "../database/migrations.ts";
import { openDatabase } from "../database/open.ts";
import { DamageLog } from "../integrity/damage.ts";
import { createMacs } from "../integrity/macs.ts";
import { Seals } from "../integrity/seals.ts";
import { deriveKeys } from "../keys/derive.ts";

export interface BackupEvent {
  readonly path: string;
  readonly sections: readonly string[];
}

/**
 * Notes in the audit log that a backup was made (state.md §9), beside a gateway that runs or without one. Nothing is
 * noted in a database of another version's schema: the gateway that owns it will bring it to this one first.
 * @returns whether it was noted
 */
export async function auditBackup(
  { dir, key, nowMs }: { readonly dir: string; readonly key: Uint8Array; readonly nowMs: () => number },
  { path, sections }: BackupEvent,
): Promise<boolean> {
  const keys = deriveKeys(key);
  const file = join(dir, "state.db");
  const connection = await openDatabase({ file, key: keys.database, busyTimeoutMs: 10_000 });
  try {
    if (readSchemaVersion(connection) !== schemaVersion) return false;
    const macs = createMacs(keys);
    const damage = new DamageLog();
    const seals = new Seals(connection, macs, damage);
    const log = createAuditLog({
      connection,
      macs,
      seals,
      damage,
      nowMs,
      redact: (text) => text,
      onFault: () => undefined,
    });
    try {
      await log.audit.append({
        actor: "cli",
        event: "backup_created",
        data: { path, sections: [...sections] },
      });
      return true;
    } finally {
      log.close();
    }
  } finally {
    connection.close();
  }
}
