import { createHash } from "node:crypto";
import type { DamageLog } from "../integrity/damage.ts";
import type { Connection } from "./connection.ts";
import { lossyText, textColumns } from "./row.ts";

/** SHA-256 of all definitions that the migrations make, in hex; a test tells the new one when they change. */
export const knownSchema = "94684c125b8ddf091ee5d28023d8004520d524d919455cc80c7aabe27e50a664";

/**
 * Reports a database whose tables, indexes or triggers are not those the migrations make: a changed definition lets
 * through what it kept out, and fails work in places where nobody expects it.
 */
export function checkSchema(connection: Connection, damage: DamageLog): void {
  if (schemaDigest(connection) === knownSchema) return;
  const say = `The definitions of the tables in ${connection.file} were changed outside of this program. Restore a backup.`;
  damage.report({ scope: "database", name: connection.file, say, part: "definitions" });
}

export function schemaDigest(connection: Connection): string {
  const columns = ["type", "name", "tbl_name", "sql"] as const;
  const rows = connection.read(() =>
    connection.all(`SELECT ${textColumns(...columns)} FROM sqlite_schema ORDER BY sqlite_schema.name`),
  );
  const definitions = rows.map((row) => columns.map((column) => lossyText(row, column)));
  return createHash("sha256").update(JSON.stringify(definitions)).digest("hex");
}
