import type { Connection } from "../database/connection.ts";
import { isCorruption } from "../database/failure.ts";
import type { SqlValue } from "../database/row.ts";
import type { Session, SessionFilter } from "../types.ts";
import { toSession } from "./row.ts";
import { selectAll } from "./sql.ts";
import type { LoadedSession, SessionTable } from "./table.ts";

const order = "ORDER BY sessions.updated_at DESC, n DESC";

/** Sessions, newest change first; damaged ones among them, marked. */
export function listSessions(
  connection: Connection,
  sessions: SessionTable,
  filter: SessionFilter,
): Session[] {
  try {
    return filter.search === undefined
      ? page(connection, sessions, filter)
      : selected(all(connection, sessions), filter);
  } catch (error) {
    if (!isCorruption(error)) throw error;
    // A part of the table cannot be read: one by one, so that the rest is shown.
    const readable = sessions.keys().map((key) => sessions.byKey(key));
    return selected(
      readable.map(shown).filter((session) => session !== undefined),
      filter,
    );
  }
}

function page(connection: Connection, sessions: SessionTable, filter: SessionFilter): Session[] {
  const wanted: readonly (readonly [clause: string, value: SqlValue | undefined])[] = [
    ["agent_id = ?", filter.agentId],
    ["channel = ?", filter.channel],
    ["user_id = ?", filter.userId],
    ["sessions.status = ?", filter.status],
    ["name = ?", filter.label],
    ["sessions.updated_at >= ?", filter.updatedSinceMs],
    ["sessions.updated_at < ?", filter.updatedBeforeMs],
    ...(filter.exceptKeys ?? []).map((key) => ["sessions.key <> ?", key] as const),
  ];
  const used = wanted.flatMap(([clause, value]) => (value === undefined ? [] : [{ clause, value }]));
  const where = used.length === 0 ? "" : `WHERE ${used.map(({ clause }) => clause).join(" AND ")}`;
  const values = [...used.map(({ value }) => value), filter.limit ?? -1, filter.offset ?? 0];
  const rows = connection.all(`${selectAll} ${where} ${order} LIMIT ? OFFSET ?`, values);
  return rows.map((row) => sessions.check(row)).map(({ row, damage }) => toSession(row, damage));
}

function all(connection: Connection, sessions: SessionTable): Session[] {
  const rows = connection.all(`${selectAll} ${order}`);
  return rows.map((row) => sessions.check(row)).map(({ row, damage }) => toSession(row, damage));
}

function shown(loaded: LoadedSession | undefined): Session | undefined {
  return loaded === undefined ? undefined : toSession(loaded.row, loaded.damage);
}

// The engine folds case for ASCII only, so that a search by a part of the name is done here.
function selected(sessions: readonly Session[], filter: SessionFilter): Session[] {
  const offset = filter.offset ?? 0;
  const found = sessions
    .filter((session) => matches(session, filter))
    .sort((a, b) => b.updatedAtMs - a.updatedAtMs);
  return found.slice(offset, filter.limit === undefined ? undefined : offset + filter.limit);
}

function matches({ key, status, metadata, updatedAtMs }: Session, filter: SessionFilter): boolean {
  const part = filter.search?.toLocaleLowerCase() ?? "";
  return (
    (filter.agentId === undefined || metadata.agentId === filter.agentId) &&
    (filter.channel === undefined || metadata.channel === filter.channel) &&
    (filter.userId === undefined || metadata.userId === filter.userId) &&
    (filter.status === undefined || status === filter.status) &&
    (filter.label === undefined || metadata.name === filter.label) &&
    (filter.updatedSinceMs === undefined || updatedAtMs >= filter.updatedSinceMs) &&
    (filter.updatedBeforeMs === undefined || updatedAtMs < filter.updatedBeforeMs) &&
    filter.exceptKeys?.includes(key) !== true &&
    `${key}\n${metadata.name ?? ""}`.toLocaleLowerCase().includes(part)
  );
}
