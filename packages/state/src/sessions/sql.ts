import { blobColumns, numberColumns, textColumns } from "../database/row.ts";

// The derived columns are left out: they serve filters only.
const stored = `${textColumns("id", "key", "status", "metadata", "generation")},
  ${numberColumns("head_seq", "created_at", "updated_at")},
  ${blobColumns("head_mac", "open_runs", "compaction_mac", "archive_mac", "mac")}`;

export const selectByKey = `SELECT ${stored} FROM sessions WHERE sessions.key = ?`;
export const selectById = `SELECT ${stored} FROM sessions WHERE sessions.id = ?`;
export const selectAll = `SELECT ${stored} FROM sessions`;

export const insertSession = `INSERT INTO sessions(key, status, metadata, generation, head_seq, head_mac, open_runs,
  compaction_mac, archive_mac, created_at, updated_at, mac, id) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export const updateSession = `UPDATE sessions SET key = ?, status = ?, metadata = ?, generation = ?, head_seq = ?,
  head_mac = ?, open_runs = ?, compaction_mac = ?, archive_mac = ?, created_at = ?, updated_at = ?, mac = ?
  WHERE id = ?`;
