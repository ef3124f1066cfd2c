import { zstdDecompressSync } from "node:zlib";
import { z } from "zod";
import type { ForeignDatabase } from "./foreign.ts";

/** A conversation as OpenClaw's database lists it. */
export interface OpenClawSession {
  readonly id: string;
  readonly key: string;
  readonly createdAtMs: number | undefined;
  readonly updatedAtMs: number | undefined;
  /** What it is called, the first of what it may be called by. */
  readonly name: string | undefined;
  /** The name of the archive that its entries were put away into. */
  readonly coldName: string | undefined;
}

/** One entry of a conversation: its JSON, or why it cannot be had. */
interface OpenClawEntry {
  readonly seq: number;
  readonly text?: string;
  readonly why?: string;
}

/** The database of one agent (OpenClaw from 2026.8 on). */
export interface OpenClawAgentDatabase {
  /** By id; at most 100,000. */
  sessions(): readonly OpenClawSession[];
  /** In order, a few at a time. */
  entries(sessionId: string): Generator<OpenClawEntry>;
  /** The entries that make up the conversation as it stands; undefined if the database does not say. */
  active(sessionId: string): ReadonlySet<number> | undefined;
  /** The archive that a conversation was put away into, if it lies in the database. */
  coldBytes(sessionId: string): Uint8Array | undefined;
  /** How many transcripts of removed and reset conversations it keeps. */
  archivedCount(): number;
}

const maxSessions = 100_000;
const maxActive = 1_000_000;
const pageRows = 64;
const maxColdBytes = 64 * 1024 * 1024;
const coldTable = "session_transcript_cold_archives";
const coldColumns = ["session_id", "archive_name"] as const;
const maxEntryBytes = 32 * 1024 * 1024;
/** The format's own limit for what is packed. */
const maxUnpackedBytes = 4 * 1024 * 1024;

const maybeText = z.string().nullish().catch(undefined);
const maybeTime = z.int().nullish().catch(undefined);
const SessionRow = z.object({
  id: z.string().min(1).max(255),
  key: z.string().max(4096).catch(""),
  created: maybeTime,
  updated: maybeTime,
  name: maybeText,
  cold: maybeText,
});
const EntryRow = z.object({
  seq: z.int(),
  size: z.number().nullish().catch(undefined),
  text: maybeText,
  packed: z.instanceof(Uint8Array).nullish().catch(undefined),
});
const SeqRow = z.object({ seq: z.int() });

/** @returns undefined if the database is not laid out as is known */
export function agentDatabase(db: ForeignDatabase): OpenClawAgentDatabase | undefined {
  const isKnown =
    db.hasTable("session_windows", [
      "session_id",
      "session_key",
      "created_at",
      "updated_at",
      "display_name",
    ]) && db.hasTable("transcript_events", ["session_id", "seq", "event_json"]);
  if (!isKnown) return undefined;
  const canPack = db.hasTable("transcript_events", ["event_zstd"]);
  return {
    sessions: () => sessions(db),
    entries: (id) => entries(db, id, canPack),
    active: (id) => active(db, id),
    coldBytes: (id) => coldBytes(db, id),
    archivedCount: () => archivedCount(db),
  };
}

function sessions(db: ForeignDatabase): OpenClawSession[] {
  const hasNodes = db.hasTable("session_nodes", ["session_key", "label", "display_name"]);
  const hasCold = db.hasTable(coldTable, coldColumns);
  const name = hasNodes ? "COALESCE(n.display_name, n.label, w.display_name)" : "w.display_name";
  const cold = hasCold
    ? `(SELECT substr(c.archive_name, 1, 255) FROM ${coldTable} AS c WHERE c.session_id = w.session_id)`
    : "NULL";
  const rows = db.all(
    `SELECT w.session_id AS id, w.session_key AS key, w.created_at AS created, w.updated_at AS updated,
       substr(${name}, 1, 1000) AS name, ${cold} AS cold
     FROM session_windows AS w ${hasNodes ? "LEFT JOIN session_nodes AS n ON n.session_key = w.session_key" : ""}
     WHERE octet_length(w.session_id) <= 1024 AND octet_length(w.session_key) <= 16384
     ORDER BY w.session_id LIMIT ${maxSessions}`,
  );
  return rows.flatMap((row) => {
    const read = SessionRow.safeParse(row);
    if (!read.success) return [];
    const { id, key, created, updated, name: called, cold } = read.data;
    return [
      {
        ...{ id, key, coldName: cold ?? undefined },
        createdAtMs: created ?? undefined,
        updatedAtMs: updated ?? undefined,
        name: called ?? undefined,
      },
    ];
  });
}

function coldBytes(db: ForeignDatabase, sessionId: string): Uint8Array | undefined {
  if (!db.hasTable(coldTable, [...coldColumns, "archive_blob"])) return undefined;
  const [row] = db.all(
    `SELECT archive_blob AS bytes FROM ${coldTable}
     WHERE session_id = ? AND octet_length(archive_blob) <= ${maxColdBytes}`,
    [sessionId],
  );
  return row?.["bytes"] instanceof Uint8Array ? row["bytes"] : undefined;
}

function* entries(db: ForeignDatabase, sessionId: string, canPack: boolean): Generator<OpenClawEntry> {
  const packed = canPack
    ? `CASE WHEN octet_length(event_zstd) <= ${maxUnpackedBytes} THEN event_zstd END`
    : "NULL";
  const sql = `SELECT seq, octet_length(event_json) AS size, ${packed} AS packed,
      CASE WHEN octet_length(event_json) <= ${maxEntryBytes} THEN event_json END AS text
    FROM transcript_events WHERE session_id = ? AND seq > ? ORDER BY seq LIMIT ${pageRows}`;
  let after = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const rows = db.all(sql, [sessionId, after]).flatMap((row) => {
      const read = EntryRow.safeParse(row);
      return read.success ? [read.data] : [];
    });
    for (const row of rows) yield entryOf(row);
    const last = rows.at(-1);
    if (last === undefined || last.seq <= after) return;
    after = last.seq;
  }
}

function entryOf({ seq, size, text, packed }: z.infer<typeof EntryRow>): OpenClawEntry {
  if (typeof text === "string") return { seq, text };
  if (packed == null) return { seq, why: (size ?? 0) > maxEntryBytes ? "is too long" : "is empty" };
  try {
    const bytes = zstdDecompressSync(packed, { maxOutputLength: maxUnpackedBytes });
    return { seq, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { seq, why: "cannot be unpacked" };
  }
}

function active(db: ForeignDatabase, sessionId: string): ReadonlySet<number> | undefined {
  const isKnown =
    db.hasTable("session_transcript_active_events", ["session_id", "event_seq"]) &&
    db.hasTable("session_transcript_index_state", ["session_id", "needs_rebuild"]);
  if (!isKnown) return undefined;
  const [state] = db.all("SELECT needs_rebuild FROM session_transcript_index_state WHERE session_id = ?", [
    sessionId,
  ]);
  if (state?.["needs_rebuild"] !== 0) return undefined;
  const rows = db.all(
    `SELECT event_seq AS seq FROM session_transcript_active_events WHERE session_id = ? LIMIT ${maxActive}`,
    [sessionId],
  );
  const seqs = rows.flatMap((row) => {
    const read = SeqRow.safeParse(row);
    return read.success ? [read.data.seq] : [];
  });
  return seqs.length === 0 || seqs.length >= maxActive ? undefined : new Set(seqs);
}

function archivedCount(db: ForeignDatabase): number {
  if (!db.hasTable("session_transcript_archives", ["session_id"])) return 0;
  const [row] = db.all("SELECT count(*) AS n FROM session_transcript_archives");
  return typeof row?.["n"] === "number" ? row["n"] : 0;
}
