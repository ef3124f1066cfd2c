import type { Connection } from "../database/connection.ts";
import { integer } from "../database/row.ts";
import { indexable, matchExpression, type SearchWord, scopeWord } from "./query.ts";

/** Of many matches the newest this many are ranked: ranking all of them would cost as long as the history is. */
const ranked = 1000;

/**
 * The full-text index over messages. It holds words and places, never the text; it stands in the encrypted database.
 * The session and its agent are words of a second column, so that a search within one is as quick as one over all.
 */
export class MessageIndex {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  add(
    n: number,
    text: string,
    scope: { readonly sessionId: string; readonly agentId: string | undefined },
  ): void {
    if (text.trim() === "") return;
    const agent = scope.agentId === undefined ? "" : scopeWord("a", scope.agentId);
    this.#connection.run("INSERT INTO message_index(rowid, body, scope) VALUES(?, ?, ?)", [
      n,
      indexable(text),
      `${scopeWord("s", scope.sessionId)} ${agent}`,
    ]);
  }

  removeSession(sessionId: string): void {
    this.#connection.run(
      "DELETE FROM message_index WHERE rowid IN (SELECT n FROM messages WHERE session_id = ?)",
      [sessionId],
    );
  }

  /** @returns row numbers of messages, best first. */
  search(
    words: readonly SearchWord[],
    options: { limit: number; agentId?: string; sessionId?: string },
  ): number[] {
    if (words.length === 0) return [];
    const match = [
      `body : (${matchExpression(words)})`,
      ...(options.sessionId === undefined ? [] : [`scope : ${scopeWord("s", options.sessionId)}`]),
      ...(options.agentId === undefined ? [] : [`scope : ${scopeWord("a", options.agentId)}`]),
    ].join(" AND ");
    const oldest = this.#connection.get(oldestSql, [match, ranked - 1]);
    const since = oldest === undefined ? 0 : integer(oldest, "n");
    return this.#connection.all(rankedSql, [match, since, options.limit]).map((row) => integer(row, "n"));
  }
}

const oldestSql =
  "SELECT rowid AS n FROM message_index WHERE message_index MATCH ? ORDER BY rowid DESC LIMIT 1 OFFSET ?";
const rankedSql =
  "SELECT rowid AS n FROM message_index WHERE message_index MATCH ? AND rowid >= ? ORDER BY rank, rowid DESC LIMIT ?";
