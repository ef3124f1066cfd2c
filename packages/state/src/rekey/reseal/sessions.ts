import {
  blobColumns,
  bytes,
  integer,
  lossyText,
  numberColumns,
  optionalText,
  type Row,
  text,
  textColumns,
} from "../../database/row.ts";
import type { Field } from "../../integrity/canonical.ts";
import { type Macs, sameMac } from "../../integrity/macs.ts";
import { genesisMac } from "../../messages/row.ts";
import { parseSessionRow, type SessionRow, sessionMac } from "../../sessions/row.ts";
import { selectById } from "../../sessions/sql.ts";
import { resealMessages } from "./messages.ts";
import { resealRuns } from "./runs.ts";
import { note, pageSize, type Resealing, resealed } from "./types.ts";

/** Reseals every session with its messages, runs, compaction and archive; one whose row is not right stays as it is. */
export function resealSessions(work: Resealing): void {
  for (let after = 0; ; ) {
    const rows = work.connection.read(() =>
      work.connection.all(
        `SELECT n, ${textColumns("id")} FROM sessions s WHERE s.n > ? ORDER BY s.n LIMIT ?`,
        [after, pageSize],
      ),
    );
    for (const row of rows) resealSession(work, lossyText(row, "id"));
    work.count(rows.length);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = integer(last, "n");
  }
}

function resealSession(work: Resealing, id: string): void {
  const { connection } = work;
  const raw = connection.read(() => connection.get(selectById, [id]));
  const row = raw === undefined ? undefined : parseSessionRow(raw);
  if (raw === undefined || row === undefined) return;
  const metadata = text(raw, "metadata");
  const stored = bytes(raw, "mac");
  if (!sameMac(sessionMac(work.old, row, metadata), stored)) return;
  const headMac = resealHead(work, row);
  connection.write(() => {
    const next: SessionRow = {
      ...row,
      headMac,
      openRuns: resealRuns(work, row),
      compactionMac: resealOne(work, compaction, { id, named: row.compactionMac }),
      archiveMac: resealOne(work, archive, { id, named: row.archiveMac }),
    };
    const mac = sessionMac(work.fresh, next, metadata);
    connection.run(updateSql, [
      next.headMac,
      next.openRuns,
      next.compactionMac ?? null,
      next.archiveMac ?? null,
      mac,
      id,
    ]);
    note(work, stored, mac);
  });
}

const updateSql = `UPDATE sessions SET head_mac = ?, open_runs = ?, compaction_mac = ?, archive_mac = ?, mac = ?
  WHERE id = ?`;

function resealHead(work: Resealing, row: SessionRow): Uint8Array {
  const head = resealMessages(work, row);
  if (row.headSeq > 0) return head ?? row.headMac;
  return resealed(work, row.headMac, (macs) => genesisMac(macs, row.id, row.generation)) ?? row.headMac;
}

/** A row that the session's own row names by its MAC. */
interface Named {
  readonly table: string;
  readonly select: string;
  readonly mac: (macs: Macs, id: string, row: Row) => Uint8Array;
}

const compaction: Named = {
  table: "compactions",
  select: `SELECT ${numberColumns("through_seq", "messages_compacted", "created_at")}, ${textColumns("summary")}
    FROM compactions WHERE session_id = ?`,
  mac: (macs, id, row) => macs.record("compaction", compactionFields(id, row)),
};

const archive: Named = {
  table: "archives",
  select: `SELECT ${textColumns("session_key", "label")}, ${numberColumns("message_count", "created_at", "archived_at")},
    ${blobColumns("document")}
    FROM archives WHERE session_id = ?`,
  mac: (macs, id, row) => macs.record("archive", archiveFields(id, row)),
};

function resealOne(
  work: Resealing,
  { table, select, mac }: Named,
  { id, named }: { readonly id: string; readonly named: Uint8Array | undefined },
): Uint8Array | undefined {
  if (named === undefined) return undefined;
  const row = work.connection.get(select, [id]);
  const fresh = row === undefined ? undefined : resealed(work, named, (macs) => mac(macs, id, row));
  if (fresh === undefined) return named;
  work.connection.run(`UPDATE ${table} SET mac = ? WHERE session_id = ?`, [fresh, id]);
  return fresh;
}

function compactionFields(id: string, row: Row): Field[] {
  return [
    id,
    integer(row, "through_seq"),
    integer(row, "messages_compacted"),
    text(row, "summary"),
    integer(row, "created_at"),
  ];
}

function archiveFields(id: string, row: Row): Field[] {
  return [
    id,
    text(row, "session_key"),
    optionalText(row, "label"),
    integer(row, "message_count"),
    integer(row, "created_at"),
    integer(row, "archived_at"),
    bytes(row, "document"),
  ];
}
