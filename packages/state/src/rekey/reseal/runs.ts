import {
  blobColumns,
  bytes,
  integer,
  numberColumns,
  optionalInteger,
  optionalText,
  type Row,
  text,
  textColumns,
} from "../../database/row.ts";
import type { Field } from "../../integrity/canonical.ts";
import type { Macs } from "../../integrity/macs.ts";
import type { SessionRow } from "../../sessions/row.ts";
import { note, type Resealing, resealed } from "./types.ts";

const selectRuns = `SELECT n, ${textColumns("id", "session_id", "session_key", "status", "input", "options", "tools", "outcome")},
  ${numberColumns("attempts", "created_at", "started_at", "ended_at")}, ${blobColumns("mac")} FROM runs r WHERE r.session_id = ? ORDER BY r.n`;

/** Reseals the runs of a session; the caller holds the transaction. @returns what its row says of the open ones */
export function resealRuns(work: Resealing, session: SessionRow): Uint8Array {
  const rows = work.connection.all(selectRuns, [session.id]);
  const open: { old: Uint8Array; fresh: Uint8Array }[] = [];
  for (const row of rows) {
    const stored = bytes(row, "mac");
    const fields = fieldsOf(row);
    const mac = resealed(work, stored, (macs) => macs.record("run", fields)) ?? stored;
    if (row["ended_at"] === null) open.push({ old: stored, fresh: mac });
    else note(work, stored, mac);
    if (mac !== stored) work.connection.run("UPDATE runs SET mac = ? WHERE n = ?", [mac, integer(row, "n")]);
  }
  work.count(rows.length);
  const all = (macs: Macs, keys: "old" | "fresh") =>
    macs.record(
      "open-runs",
      open.map((run) => run[keys]),
    );
  return resealed(work, session.openRuns, all) ?? session.openRuns;
}

function fieldsOf(row: Row): Field[] {
  return [
    text(row, "id"),
    text(row, "session_id"),
    text(row, "session_key"),
    text(row, "status"),
    text(row, "input"),
    text(row, "options"),
    integer(row, "attempts"),
    text(row, "tools"),
    integer(row, "created_at"),
    optionalInteger(row, "started_at"),
    optionalInteger(row, "ended_at"),
    optionalText(row, "outcome"),
  ];
}
