import {
  blobColumns,
  bytes,
  integer,
  lossyText,
  numberColumns,
  optionalInteger,
  type Row,
  real,
  text,
  textColumns,
} from "../../database/row.ts";
import type { Field } from "../../integrity/canonical.ts";
import { note, pageSize, type Resealing, resealed } from "./types.ts";

const pageSql = `SELECT n, ${textColumns("provider", "model", "session_key", "agent_id")},
  ${numberColumns("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")},
  ${numberColumns("cost_usd", "at")}, ${blobColumns("mac")}
  FROM usage u WHERE u.session_key = ? AND u.n > ? ORDER BY u.n LIMIT ${pageSize}`;
const nextSql = `SELECT ${textColumns("session_key")} FROM usage u WHERE u.session_key > ? ORDER BY u.session_key LIMIT 1`;

/** Reseals the usage log of every session, entry by entry. */
export function resealUsage(work: Resealing): void {
  const { connection } = work;
  for (let key = ""; ; ) {
    const row = connection.read(() => connection.get(nextSql, [key]));
    if (row === undefined) return;
    key = lossyText(row, "session_key");
    resealLog(work, key);
  }
}

interface Entry {
  readonly n: number;
  readonly old: Uint8Array | undefined;
  readonly fresh: Uint8Array | undefined;
}

function resealLog(work: Resealing, key: string): void {
  const { connection } = work;
  let last: Entry = { n: -1, old: undefined, fresh: undefined };
  for (let isMore = true; isMore; ) {
    isMore = connection.write(() => {
      const rows = connection.all(pageSql, [key, last.n]);
      for (const row of rows) last = resealEntry(work, row, last);
      work.count(rows.length);
      return rows.length === pageSize;
    });
  }
  if (last.old !== undefined && last.fresh !== undefined) note(work, last.old, last.fresh);
}

function resealEntry(work: Resealing, row: Row, previous: Entry): Entry {
  const n = integer(row, "n");
  const stored = bytes(row, "mac");
  const fields = fieldsOf(row);
  const mac = resealed(work, stored, (macs, keys) => macs.record("usage", [previous[keys], ...fields]));
  if (mac === undefined) return { n, old: stored, fresh: stored };
  work.connection.run("UPDATE usage SET mac = ? WHERE n = ?", [mac, n]);
  return { n, old: stored, fresh: mac };
}

function fieldsOf(row: Row): Field[] {
  return [
    text(row, "provider"),
    text(row, "model"),
    text(row, "session_key"),
    text(row, "agent_id"),
    integer(row, "input_tokens"),
    integer(row, "output_tokens"),
    optionalInteger(row, "cache_read_tokens"),
    optionalInteger(row, "cache_write_tokens"),
    optionalInteger(row, "reasoning_tokens"),
    real(row, "cost_usd"),
    integer(row, "at"),
  ];
}
