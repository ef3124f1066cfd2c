import { SessionKey } from "@carapace/protocol";
import { z } from "zod";
import type { Connection } from "../database/connection.ts";
import {
  blobColumns,
  bytes,
  integer,
  lossyText,
  numberColumns,
  optionalText,
  type Row,
  readable,
  storedMac,
  text,
  textColumns,
} from "../database/row.ts";
import { parseJson } from "../database/stored.ts";
import { StateError } from "../errors.ts";
import { type Macs, sameMac } from "../integrity/macs.ts";
import { StoredMessage } from "../messages/stored-message.ts";
import type { SessionRow } from "../sessions/row.ts";
import type { Archive, Message, NewMessage } from "../types.ts";

const ArchivedMessages = z.array(StoredMessage);

/** Compressed copies of whole histories; the session's row holds the MAC of its archive. */
export class ArchiveTable {
  readonly #connection: Connection;
  readonly #macs: Macs;

  constructor(connection: Connection, macs: Macs) {
    this.#connection = connection;
    this.#macs = macs;
  }

  /** @returns what was stored, and the MAC for the session's row. */
  store(
    session: SessionRow,
    messages: readonly Message[],
    nowMs: number,
  ): { archive: Archive; mac: Uint8Array } {
    const stored = messages.map(({ sessionId: _session, seq: _seq, ...message }) => message);
    const document = Bun.zstdCompressSync(Buffer.from(JSON.stringify(stored)));
    // In the session it stands as JSON, which keeps any text; here it is for people to read.
    const label = session.metadata.name?.replaceAll("\0", "").toWellFormed();
    const columns = [
      session.id,
      session.key,
      label ?? null,
      messages.length,
      session.createdAtMs,
      nowMs,
      document,
    ];
    const mac = this.#macs.record("archive", columns);
    this.#connection.run(
      `INSERT OR REPLACE INTO archives(session_id, session_key, label, message_count, created_at, archived_at,
       document, mac) VALUES(?, ?, ?, ?, ?, ?, ?, ?)`,
      [...columns, mac],
    );
    const archive = {
      key: SessionKey.parse(session.key),
      sessionId: session.id,
      ...(label === undefined ? {} : { label }),
      messageCount: messages.length,
      sizeBytes: document.length,
      createdAtMs: session.createdAtMs,
      archivedAtMs: nowMs,
    };
    return { archive, mac };
  }

  /** The archived messages of a session; undefined without an archive. @throws StateError `session_damaged` */
  load(session: SessionRow): NewMessage[] | undefined {
    const row = this.#connection.get(selectArchive, [session.id]);
    if (row === undefined && session.archiveMac === undefined) return undefined;
    if (row === undefined || !this.#isAsWritten(row, session)) throw damaged(session.key);
    const json = Buffer.from(Bun.zstdDecompressSync(bytes(row, "document"))).toString();
    return ArchivedMessages.parse(parseJson(json));
  }

  /** When a session's archive was made; undefined without one. Not verified. */
  archivedAt(sessionId: string): number | undefined {
    const row = this.#connection.get(selectArchive, [sessionId]);
    return row === undefined ? undefined : readable(() => integer(row, "archived_at"));
  }

  /** False if the session's archive is not the one its row names. */
  verify(session: SessionRow): boolean {
    const row = this.#connection.get(selectArchive, [session.id]);
    return row === undefined ? session.archiveMac === undefined : this.#isAsWritten(row, session);
  }

  list(limit: number, offset: number): { total: number; archives: Archive[] } {
    const total = integer(this.#connection.get(`SELECT COUNT(*) AS total FROM ${known}`) ?? {}, "total");
    const rows = this.#connection.all(
      `SELECT ${names}, ${numberColumns("message_count", "a.created_at", "archived_at", "length(document) AS size")}
       FROM ${known} ORDER BY a.archived_at DESC, a.session_id LIMIT ? OFFSET ?`,
      [limit, offset],
    );
    return { total, archives: rows.flatMap((row) => readable(() => toArchive(row)) ?? []) };
  }

  remove(sessionId: string): boolean {
    return this.#connection.run("DELETE FROM archives WHERE session_id = ?", [sessionId]) > 0;
  }

  // What stands beside the row, too: the list finds it by that.
  #isAsWritten(row: Row, { archiveMac }: SessionRow): boolean {
    const columns = readable(() => storedColumns(row));
    if (columns === undefined) return false;
    return sameMac(this.#macs.record("archive", columns), archiveMac) && sameMac(storedMac(row), archiveMac);
  }
}

const names = textColumns("session_id", "session_key", "label");
const selectArchive = `SELECT ${names}, ${numberColumns("message_count", "created_at", "archived_at")},
  ${blobColumns("document", "mac")}
  FROM archives WHERE archives.session_id = ?`;

// An archive its session does not name is not shown: it was slipped in or put back.
const known = "archives a JOIN sessions s ON s.id = a.session_id AND s.archive_mac = a.mac";

function storedColumns(row: Row) {
  return [
    lossyText(row, "session_id"),
    lossyText(row, "session_key"),
    row["label"] === null ? null : lossyText(row, "label"),
    integer(row, "message_count"),
    integer(row, "created_at"),
    integer(row, "archived_at"),
    bytes(row, "document"),
  ];
}

function damaged(key: string): StateError {
  return new StateError(
    "session_damaged",
    `The archive of the session "${key}" was changed outside of this program: it is not restored. Restore a backup.`,
  );
}

// One that cannot be read is left out: verifying names it.
function toArchive(row: Row): Archive | undefined {
  const label = optionalText(row, "label");
  const key = SessionKey.safeParse(text(row, "session_key"));
  if (!key.success) return undefined;
  return {
    key: key.data,
    sessionId: text(row, "session_id"),
    ...(label === undefined ? {} : { label }),
    messageCount: integer(row, "message_count"),
    sizeBytes: integer(row, "size"),
    createdAtMs: integer(row, "created_at"),
    archivedAtMs: integer(row, "archived_at"),
  };
}
