import { integer, type Row, text, textColumns } from "../../database/row.ts";
import { resealRegister } from "./register.ts";
import { resealRows, sealedRows } from "./rows.ts";
import { resealSessions } from "./sessions.ts";
import type { Resealing } from "./types.ts";
import { resealUsage } from "./usage.ts";

/** The tables whose rows carry a MAC: a test fails if the schema has another one. */
export const resealedTables: readonly string[] = [
  "sessions",
  "messages",
  "runs",
  "compactions",
  "archives",
  "usage",
  "seals",
  ...sealedRows.map(({ table }) => table),
];

/**
 * Puts the MACs of the new keys in the place of the old ones throughout a database that nobody else has open. What the
 * old keys do not confirm keeps the MAC it has, and so stays damaged.
 */
export function resealAll(work: Resealing): void {
  resealSessions(work);
  resealUsage(work);
  withoutGuards(work, () => {
    for (const shape of sealedRows) resealRows(work, shape);
  });
  resealRegister(work);
}

/** How many rows there are to reseal. */
export function countRows({ connection }: Pick<Resealing, "connection">): number {
  const tables = resealedTables.filter((table) => !["seals", "compactions", "archives"].includes(table));
  const sql = tables.map((table) => `(SELECT COUNT(*) FROM ${table})`).join(" + ");
  return connection.read(() => integer(connection.get(`SELECT ${sql} AS n`) ?? {}, "n"));
}

// The audit log forbids changes by trigger; its MACs, which no record's hash covers, are no part of what it says.
function withoutGuards({ connection }: Resealing, work: () => void): void {
  const triggers = connection.read(() =>
    connection.all(
      `SELECT ${textColumns("name", "sql")} FROM sqlite_schema s WHERE s.type = 'trigger' AND s.tbl_name = 'audit'`,
    ),
  );
  const each = (statement: (trigger: Row) => string) =>
    connection.write(() => {
      for (const trigger of triggers) connection.script(statement(trigger));
    });
  each((trigger) => `DROP TRIGGER ${text(trigger, "name")}`);
  work();
  each((trigger) => text(trigger, "sql"));
}
