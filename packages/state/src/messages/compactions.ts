import { Block } from "@carapace/protocol";
import { z } from "zod";
import type { Connection } from "../database/connection.ts";
import { integer, lossyText, numberColumns, type Row, readable, textColumns } from "../database/row.ts";
import { parseJson } from "../database/stored.ts";
import { type Macs, sameMac } from "../integrity/macs.ts";
import type { SessionRow } from "../sessions/row.ts";
import type { Compaction } from "../types.ts";

const Summary = z.array(Block);

const selectCompaction = `SELECT ${numberColumns("through_seq", "messages_compacted", "created_at")}, ${textColumns("summary")}
  FROM compactions WHERE session_id = ?`;

/** The newest summary of each session that has one; the session's row holds its MAC. */
export class CompactionTable {
  readonly #connection: Connection;
  readonly #macs: Macs;

  constructor(connection: Connection, macs: Macs) {
    this.#connection = connection;
    this.#macs = macs;
  }

  find(session: SessionRow): Compaction | "damaged" | undefined {
    const row = this.#connection.get(selectCompaction, [session.id]);
    if (row === undefined) return session.compactionMac === undefined ? undefined : "damaged";
    const columns = readable(() => storedColumns(session.id, row));
    if (columns === undefined) return "damaged";
    const summary = Summary.safeParse(parseJson(columns[3]));
    if (!sameMac(this.#macs.record("compaction", columns), session.compactionMac) || !summary.success)
      return "damaged";
    return {
      throughSeq: columns[1],
      messagesCompacted: columns[2],
      summary: summary.data,
      createdAtMs: columns[4],
    };
  }

  /** @returns the MAC for the session's row. */
  store(sessionId: string, compaction: Compaction): Uint8Array {
    const columns = [
      sessionId,
      compaction.throughSeq,
      compaction.messagesCompacted,
      JSON.stringify(compaction.summary),
      compaction.createdAtMs,
    ];
    const mac = this.#macs.record("compaction", columns);
    this.#connection.run(
      `INSERT OR REPLACE INTO compactions(session_id, through_seq, messages_compacted, summary, created_at, mac)
       VALUES(?, ?, ?, ?, ?, ?)`,
      [...columns, mac],
    );
    return mac;
  }

  remove(sessionId: string): void {
    this.#connection.run("DELETE FROM compactions WHERE session_id = ?", [sessionId]);
  }
}

function storedColumns(sessionId: string, row: Row) {
  return [
    sessionId,
    integer(row, "through_seq"),
    integer(row, "messages_compacted"),
    lossyText(row, "summary"),
    integer(row, "created_at"),
  ] as const;
}
