import { auditSchema } from "../audit/schema.ts";
import { StateError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { integer } from "./row.ts";
import { schemaOfAutomation } from "./schema-automation.ts";
import { schemaOfImports } from "./schema-imports.ts";
import { schema1 } from "./schema1.ts";

/** Script n brings a database from `user_version` n to n + 1. Append only: a released script never changes. */
const migrations: readonly string[] = [schema1, auditSchema, schemaOfImports, schemaOfAutomation];

/** The `user_version` this program writes. */
export const schemaVersion = migrations.length;

export function readSchemaVersion(connection: Connection): number {
  return connection.read(() => integer(connection.get("PRAGMA user_version") ?? {}, "user_version"));
}

/**
 * Brings the database to this program's schema, each step in its own transaction.
 * @throws StateError `newer_schema` if a newer program wrote the file; nothing is touched then.
 */
export function migrate(connection: Connection): void {
  const from = readSchemaVersion(connection);
  if (from > schemaVersion) {
    throw new StateError(
      "newer_schema",
      `${connection.file} was written by a newer version (schema ${from}, this one knows ${schemaVersion}): update, or restore an older backup.`,
    );
  }
  for (let version = from; version < schemaVersion; version++) {
    connection.write(() => {
      connection.script(migrations[version] ?? "");
      connection.script(`PRAGMA user_version = ${version + 1}`);
    });
  }
}
