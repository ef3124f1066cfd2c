import { Block, textOf } from "@carapace/protocol";
import { z } from "zod";
import type { Connection, TransactionListener } from "../database/connection.ts";
import { isCorruption } from "../database/failure.ts";
import { integer, lossyText, type Row, textColumns } from "../database/row.ts";
import { emptyMessageIndex } from "../database/schema1.ts";
import { parseJson } from "../messages/row.ts";
import { indexable, matchExpression, type SearchWord, scopeWord } from "./query.ts";

/** Of many matches the newest this many are ranked: ranking all of them would cost as long as the history is. */
const ranked = 1000;

/** Which session a message belongs to, and whose that is. */
export interface Scope {
  readonly sessionId: string;
  readonly agentId: string | undefined;
}

export interface SearchOptions {
  readonly limit: number;
  readonly agentId?: string;
  readonly sessionId?: string;
}

/**
 * The full-text index over messages. It holds words and places, never the text; it stands in the encrypted database.
 * The session and its agent are words of a second column, so that a search within one is as quick as one over all.
 * It can be made again from the messages at any time; a damaged one never stands in the way of a message.
 */
export class MessageIndex implements TransactionListener {
  readonly #connection: Connection;
  #isUsable = true;
  #isSuspect = false;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.listen(this);
  }

  /** False once it was found damaged and could not be made again: nothing is found then. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  add(n: number, text: string, scope: Scope): void {
    if (this.#isUsable && text.trim() !== "") this.#guarded(() => this.#insert(n, text, scope));
  }

  removeSession(sessionId: string): void {
    if (this.#isUsable) this.#guarded(() => this.#connection.run(removeSql, [sessionId]));
  }

  /** @returns row numbers of messages, best first. */
  search(words: readonly SearchWord[], options: SearchOptions): number[] {
    if (words.length === 0 || !this.#isUsable) return [];
    const match = [
      `body : (${matchExpression(words)})`,
      ...(options.sessionId === undefined ? [] : [`scope : ${scopeWord("s", options.sessionId)}`]),
      ...(options.agentId === undefined ? [] : [`scope : ${scopeWord("a", options.agentId)}`]),
    ].join(" AND ");
    return this.#guarded(() => {
      const oldest = this.#connection.get(oldestSql, [match, ranked - 1]);
      const since = oldest === undefined ? 0 : integer(oldest, "n");
      return this.#connection.all(rankedSql, [match, since, options.limit]).map((row) => integer(row, "n"));
    });
  }

  forget(): void {}

  /** Makes the index again from the messages, if it is what was found damaged; does without it if that fails. */
  mend(): boolean {
    if (!this.#isSuspect) return false;
    this.#isSuspect = false;
    try {
      this.#connection.write(() => this.#rebuild());
    } catch (error) {
      if (!isCorruption(error)) throw error;
      this.#isUsable = false;
      this.#isSuspect = false;
    }
    return true;
  }

  #rebuild(): void {
    this.#connection.script(emptyMessageIndex);
    for (let after = 0; ; ) {
      const rows = this.#connection.all(pageSql, [after]);
      for (const row of rows) {
        const text = storedText(row);
        if (text.trim() !== "") this.#insert(integer(row, "n"), text, scopeOf(row));
      }
      const last = rows.at(-1);
      if (last === undefined) return;
      after = integer(last, "n");
    }
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (isCorruption(error)) this.#isSuspect = true;
      throw error;
    }
  }

  #insert(n: number, text: string, scope: Scope): void {
    const agent = scope.agentId === undefined ? "" : scopeWord("a", scope.agentId);
    const words = `${scopeWord("s", scope.sessionId)} ${agent}`;
    this.#connection.run("INSERT OR REPLACE INTO message_index(rowid, body, scope) VALUES(?, ?, ?)", [
      n,
      indexable(text),
      words,
    ]);
  }
}

const removeSql = "DELETE FROM message_index WHERE rowid IN (SELECT n FROM messages WHERE session_id = ?)";
const oldestSql =
  "SELECT rowid AS n FROM message_index WHERE message_index MATCH ? ORDER BY rowid DESC LIMIT 1 OFFSET ?";
const rankedSql =
  "SELECT rowid AS n FROM message_index WHERE message_index MATCH ? AND rowid >= ? ORDER BY rank, rowid DESC LIMIT ?";
const pageSql = `SELECT m.n, ${textColumns("m.session_id", "m.content", "s.agent_id")} FROM messages m LEFT JOIN sessions s ON s.id = m.session_id
  WHERE m.n > ? ORDER BY m.n LIMIT 500`;

const Blocks = z.array(Block);

function storedText(row: Row): string {
  const blocks = Blocks.safeParse(parseJson(lossyText(row, "content")));
  return blocks.success ? textOf(blocks.data) : "";
}

function scopeOf(row: Row): Scope {
  return {
    sessionId: lossyText(row, "session_id"),
    agentId: row["agent_id"] === null ? undefined : lossyText(row, "agent_id"),
  };
}
