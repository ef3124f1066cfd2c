import { textOf } from "@carapace/protocol";
import type { Connection } from "../database/connection.ts";
import { isCorruption } from "../database/failure.ts";
import { blobColumns, integer, numberColumns, type Row, textColumns } from "../database/row.ts";
import { StateError } from "../errors.ts";
import type { Macs } from "../integrity/macs.ts";
import { MessageIndex, type Scope } from "../search/message-index.ts";
import type { SessionRow } from "../sessions/row.ts";
import type { SessionTable } from "../sessions/table.ts";
import type { HistoryRange, Message, NewMessage } from "../types.ts";
import { type ChainReading, readChain } from "./chain.ts";
import { genesisMac, type MessageRow, newMessageRow, sizeOf, toMessage } from "./row.ts";
import { Tails } from "./tails.ts";

export interface MessageDeps {
  readonly connection: Connection;
  readonly macs: Macs;
  readonly sessions: SessionTable;
}

const selectMessages = `SELECT n, ${textColumns("session_id", "generation", "id", "role", "run_id", "metadata", "content")},
  ${numberColumns("seq", "tokens", "created_at")}, ${blobColumns("content_mac", "mac")} FROM messages`;

/** How far a history is walked one by one when a part of the file cannot be read. */
const maxSalvaged = 100_000;

/** The histories of all sessions: append-only chains. Callers hold the transaction and seal the session's new head. */
export class MessageTable {
  readonly #connection: Connection;
  readonly #macs: Macs;
  readonly #sessions: SessionTable;
  readonly #tails = new Tails();
  readonly index: MessageIndex;

  constructor({ connection, macs, sessions }: MessageDeps) {
    this.#connection = connection;
    this.#macs = macs;
    this.#sessions = sessions;
    this.index = new MessageIndex(connection);
    connection.listen(this.#tails);
  }

  /** @returns the messages with their places, and the session with its new head, still to be stored. */
  append(session: SessionRow, messages: readonly NewMessage[]): { session: SessionRow; appended: Message[] } {
    if (messages.length > 0) this.#assertEnd(session);
    let { headSeq, headMac } = session;
    const appended: Message[] = [];
    for (const message of messages) {
      const at = {
        sessionId: session.id,
        generation: session.generation,
        seq: headSeq + 1,
        previous: headMac,
      };
      const row = newMessageRow(this.#macs, at, message);
      this.#insert(session, row, message);
      // As it would be read back, not as it was given.
      const stored = toMessage(row);
      const added = stored === undefined ? undefined : { message: stored, size: sizeOf(row) };
      this.#tails.extend({ ...session, headSeq, headMac }, added, row.mac);
      headSeq = row.seq;
      headMac = row.mac;
      appended.push({ ...message, sessionId: session.id, seq: row.seq });
    }
    return { session: { ...session, headSeq, headMac }, appended };
  }

  /** Reads a part of the history, verified; what was read and verified before may come from memory. */
  read(session: SessionRow, range: HistoryRange): Pick<ChainReading, "messages" | "broken"> {
    const { after, before } = bounds(session, range);
    if (after >= before - 1) return { messages: [], broken: undefined };
    const messages = this.#tails.find(session, after, before);
    if (messages !== undefined) return { messages, broken: undefined };
    const reading = this.verify(session, range);
    if (reading.broken === undefined) this.#tails.keep(session, reading.kept, before);
    return reading;
  }

  /** Reads a part of the history from the file and verifies it link by link; up to the head, if it reaches so far. */
  verify(session: SessionRow, range: HistoryRange): ChainReading {
    const { after, before } = bounds(session, range);
    if (after >= before - 1) return { messages: [], kept: [], broken: undefined };
    const rows = this.#rows(session.id, after, before);
    const first = after === 0 ? this.genesis(session) : undefined;
    return readChain({ macs: this.#macs, session, after, before, first }, rows);
  }

  /** The history of a damaged session: every message that can still be read. */
  salvage(sessionId: string, range: HistoryRange): Message[] {
    const { messages } = readChain(undefined, this.#newestRows(sessionId, range));
    return messages;
  }

  find(sessionId: string, messageId: string): Row | undefined {
    return this.#connection.get(`${selectMessages} WHERE messages.session_id = ? AND messages.id = ?`, [
      sessionId,
      messageId,
    ]);
  }

  /** Where a message stands; not verified: what is read from there on is. */
  seqOf(sessionId: string, messageId: string): number | undefined {
    const row = this.find(sessionId, messageId);
    return row === undefined ? undefined : integer(row, "seq");
  }

  /** Erases all messages of a session and their search rows. */
  clear(sessionId: string): void {
    this.#tails.drop(sessionId);
    this.index.removeSession(sessionId);
    this.#connection.run("DELETE FROM messages WHERE session_id = ?", [sessionId]);
  }

  /** Search rows name the session's agent: write them again after it changed. */
  reindex(session: SessionRow): void {
    this.index.removeSession(session.id);
    for (const row of this.#connection.all(
      `${selectMessages} WHERE messages.session_id = ? ORDER BY messages.seq`,
      [session.id],
    )) {
      const { messages } = readChain(undefined, [row]);
      const message = messages[0];
      if (message !== undefined) this.index.add(integer(row, "n"), textOf(message.blocks), scopeOf(session));
    }
  }

  genesis(session: Pick<SessionRow, "id" | "generation">): Uint8Array {
    return genesisMac(this.#macs, session.id, session.generation);
  }

  // What was slipped in behind the newest message would stand in the way of the next one.
  #assertEnd(session: SessionRow): void {
    const beyond = this.#connection.get("SELECT 1 FROM messages WHERE session_id = ? AND seq > ? LIMIT 1", [
      session.id,
      session.headSeq,
    ]);
    if (beyond === undefined) return;
    throw new StateError(
      "session_damaged",
      this.#sessions.report(session.key, "messages were slipped in").say,
    );
  }

  // One row more than asked for: its MAC is what the first one builds on.
  #rows(sessionId: string, after: number, before: number): Row[] {
    try {
      return this.#allRows(sessionId, after, before);
    } catch (error) {
      if (!isCorruption(error)) throw error;
      return [...this.#readableRows(sessionId, after, before)];
    }
  }

  #newestRows(sessionId: string, range: HistoryRange): Row[] {
    const { afterSeq = 0, beforeSeq = Number.MAX_SAFE_INTEGER, limit = maxSalvaged } = range;
    try {
      return this.#connection
        .all(
          `${selectMessages} WHERE messages.session_id = ? AND messages.seq > ? AND messages.seq < ? ORDER BY messages.seq DESC LIMIT ?`,
          [sessionId, afterSeq, beforeSeq, limit],
        )
        .reverse();
    } catch (error) {
      if (!isCorruption(error)) throw error;
      const end = Math.min(beforeSeq, this.#lastSeq(sessionId) + 1);
      const rows = [...this.#readableRows(sessionId, afterSeq + 1, end)];
      return rows.slice(Math.max(0, rows.length - limit));
    }
  }

  // From the index alone: the table need not be readable for it.
  #lastSeq(sessionId: string): number {
    const last = `SELECT ${numberColumns("seq")} FROM messages WHERE session_id = ? ORDER BY messages.seq DESC LIMIT 1`;
    try {
      const row = this.#connection.get(last, [sessionId]);
      return row === undefined ? 0 : integer(row, "seq");
    } catch (error) {
      if (isCorruption(error)) return Number.MAX_SAFE_INTEGER - 1;
      throw error;
    }
  }

  // A part of the table cannot be read: one by one, so that the rest is found.
  *#readableRows(sessionId: string, after: number, before: number): Generator<Row> {
    for (let seq = after; seq < Math.min(before, after + maxSalvaged); seq++) {
      try {
        yield* this.#allRows(sessionId, seq, seq + 1);
      } catch (error) {
        if (!isCorruption(error)) throw error;
      }
    }
  }

  #allRows(sessionId: string, after: number, before: number): Row[] {
    return this.#connection.all(
      `${selectMessages} WHERE messages.session_id = ? AND messages.seq >= ? AND messages.seq < ? ORDER BY messages.seq`,
      [sessionId, after, before],
    );
  }

  #insert(session: SessionRow, row: MessageRow, message: NewMessage): void {
    if (this.find(session.id, row.id) !== undefined) {
      throw new StateError("already_exists", "A message with this id is in the session already.");
    }
    const n = this.#connection.insert(insertSql, [
      row.sessionId,
      row.seq,
      row.generation,
      row.id,
      row.role,
      row.runId ?? null,
      row.tokens ?? null,
      row.createdAtMs,
      row.metadata ?? null,
      row.content ?? null,
      row.contentMac,
      row.mac,
    ]);
    this.index.add(n, textOf(message.blocks), scopeOf(session));
  }
}

const insertSql = `INSERT INTO messages(session_id, seq, generation, id, role, run_id, tokens, created_at, metadata,
  content, content_mac, mac) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

function scopeOf(session: SessionRow): Scope {
  return { sessionId: session.id, agentId: session.metadata.agentId };
}

function bounds(session: SessionRow, range: HistoryRange): { after: number; before: number } {
  const before = Math.min(range.beforeSeq ?? Number.MAX_SAFE_INTEGER, session.headSeq + 1);
  const lowest = Math.max(range.afterSeq ?? 0, 0);
  return { before, after: range.limit === undefined ? lowest : Math.max(lowest, before - 1 - range.limit) };
}
