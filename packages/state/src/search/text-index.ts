import { systemCode } from "@carapace/files";
import type { Connection, TransactionListener } from "../database/connection.ts";
import { isCorruption } from "../database/failure.ts";
import { integer } from "../database/row.ts";
import { emptyIndex, type IndexName } from "../database/schema1.ts";
import { StateError } from "../errors.ts";
import { indexable, matchExpression, type SearchWord } from "./query.ts";

/** Of many matches the newest this many are ranked: ranking all of them would cost as long as the history is. */
const ranked = 1000;

/** One text and where it belongs; scopes are single words (`scopeWord`). */
export interface IndexedText {
  readonly n: number;
  readonly text: string;
  readonly scopes: readonly string[];
}

/**
 * A full-text index. It holds words and places, never the text; it stands in the encrypted database. What a text belongs
 * to is a word of a second column, so that a search within that is as quick as one over all. A damaged index is made
 * again from the texts, and done without if that fails: it never stands in the way of what it lists.
 */
export class TextIndex implements TransactionListener {
  readonly #connection: Connection;
  readonly #table: IndexName;
  readonly #texts: () => Iterable<IndexedText>;
  #isUsable = true;
  #isSuspect = false;

  /** @param texts All texts that belong into the index, read again when it has to be made anew. */
  constructor(connection: Connection, table: IndexName, texts: () => Iterable<IndexedText>) {
    this.#connection = connection;
    this.#table = table;
    this.#texts = texts;
    connection.listen(this);
  }

  add(text: IndexedText): void {
    if (this.#isUsable && text.text.trim() !== "") this.#guarded(() => this.#insert(text));
  }

  /** @param where SQL that selects the row numbers to remove. */
  remove(where: string, params: readonly (string | number)[]): void {
    if (!this.#isUsable) return;
    this.#guarded(() => this.#connection.run(`DELETE FROM ${this.#table} WHERE rowid IN (${where})`, params));
  }

  /** Rewrites the index without what was removed: until then it still holds the words. Costs as much as it is large. */
  purge(): void {
    if (!this.#isUsable) return;
    this.#guarded(() =>
      this.#connection.run(`INSERT INTO ${this.#table}(${this.#table}) VALUES('optimize')`),
    );
  }

  /** @returns row numbers, best first; nothing for a query without words */
  search(words: readonly SearchWord[], scopes: readonly string[], limit: number): number[] {
    if (words.length === 0 || !this.#isUsable) return [];
    const match = [`body : (${matchExpression(words)})`, ...scopes.map((scope) => `scope : ${scope}`)].join(
      " AND ",
    );
    const from = `SELECT rowid AS n FROM ${this.#table} WHERE ${this.#table} MATCH ?`;
    return this.#guarded(() => {
      const oldest = this.#connection.get(`${from} ORDER BY rowid DESC LIMIT 1 OFFSET ?`, [
        match,
        ranked - 1,
      ]);
      const since = oldest === undefined ? 0 : integer(oldest, "n");
      const sql = `${from} AND rowid >= ? ORDER BY rank, rowid DESC LIMIT ?`;
      return this.#connection.all(sql, [match, since, limit]).map((row) => integer(row, "n"));
    });
  }

  forget(): void {}

  mend(): boolean {
    if (!this.#isSuspect) return false;
    // First: a transaction of the mending that meets damage asks for mending, too.
    this.#isSuspect = false;
    try {
      this.#connection.write(() => {
        this.#connection.script(emptyIndex(this.#table));
        for (const text of this.#texts()) if (text.text.trim() !== "") this.#insert(text);
      });
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#isUsable = false;
    }
    return true;
  }

  #insert({ n, text, scopes }: IndexedText): void {
    const sql = `INSERT OR REPLACE INTO ${this.#table}(rowid, body, scope) VALUES(?, ?, ?)`;
    this.#connection.run(sql, [n, indexable(text), scopes.join(" ")]);
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#isSuspect = true;
      const say = `The search index ${this.#table} of ${this.#connection.file} is damaged: restart the gateway to make it again.`;
      throw new StateError("corrupt", say, { cause: error });
    }
  }
}

// What a statement lacks is part of the damage: the names of module and ranking stand in the file.
function isDamage(error: unknown): boolean {
  return isCorruption(error) || systemCode(error) === "SQLITE_ERROR";
}
