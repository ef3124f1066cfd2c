import type { Connection } from "../database/connection.ts";
import type { SqlValue } from "../database/row.ts";
import type { Session, SessionFilter } from "../types.ts";
import { toSession } from "./row.ts";
import type { SessionTable } from "./table.ts";

/** Sessions, newest change first. */
export function listSessions(
  connection: Connection,
  sessions: SessionTable,
  filter: SessionFilter,
): Session[] {
  const wanted: readonly (readonly [clause: string, value: SqlValue | undefined])[] = [
    ["agent_id = ?", filter.agentId],
    ["channel = ?", filter.channel],
    ["user_id = ?", filter.userId],
    ["status = ?", filter.status],
    ["name = ?", filter.label],
    ["updated_at >= ?", filter.updatedSinceMs],
  ];
  const used = wanted.flatMap(([clause, value]) => (value === undefined ? [] : [{ clause, value }]));
  const where = used.length === 0 ? "" : `WHERE ${used.map(({ clause }) => clause).join(" AND ")}`;
  const values = used.map(({ value }) => value);
  const order = "ORDER BY updated_at DESC, n DESC";
  const limit = filter.limit ?? -1;
  const offset = filter.offset ?? 0;
  if (filter.search !== undefined) {
    // The engine folds case for ASCII only.
    const part = filter.search.toLocaleLowerCase();
    const found = connection
      .all(`SELECT * FROM sessions ${where} ${order}`, values)
      .filter((row) => `${row["key"]}\n${row["name"] ?? ""}`.toLocaleLowerCase().includes(part));
    const page = found.slice(offset, limit < 0 ? undefined : offset + limit);
    return page.map((row) => sessions.check(row)).map(({ row, damage }) => toSession(row, damage));
  }
  return connection
    .all(`SELECT * FROM sessions ${where} ${order} LIMIT ? OFFSET ?`, [...values, limit, offset])
    .map((row) => sessions.check(row))
    .map(({ row, damage }) => toSession(row, damage));
}
