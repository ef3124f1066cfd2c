import type { Connection } from "../database/connection.ts";
import { integer } from "../database/row.ts";
import { indexable, matchExpression, type SearchWord, scopeWord } from "../search/query.ts";

/** The full-text index over notes: words and places, in the encrypted database. */
export class MemoryIndex {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  add(n: number, agentId: string, text: string): void {
    this.#connection.run("INSERT INTO memory_index(rowid, body, scope) VALUES(?, ?, ?)", [
      n,
      indexable(text),
      scopeWord("a", agentId),
    ]);
  }

  remove(n: number): void {
    this.#connection.run("DELETE FROM memory_index WHERE rowid = ?", [n]);
  }

  /** Rewrites the index without what was removed: until then it still holds the words of a forgotten note. */
  purge(): void {
    this.#connection.run("INSERT INTO memory_index(memory_index) VALUES('optimize')");
  }

  /** @returns row numbers, best first. */
  search(agentId: string, words: readonly SearchWord[], limit: number): number[] {
    if (words.length === 0) return [];
    const match = `body : (${matchExpression(words)}) AND scope : ${scopeWord("a", agentId)}`;
    return this.#connection
      .all("SELECT rowid AS n FROM memory_index WHERE memory_index MATCH ? ORDER BY rank LIMIT ?", [
        match,
        limit,
      ])
      .map((row) => integer(row, "n"));
  }
}
