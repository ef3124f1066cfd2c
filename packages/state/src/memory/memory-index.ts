import type { Connection } from "../database/connection.ts";
import { integer, lossyText, type Row, textColumns } from "../database/row.ts";
import { type SearchWord, scopeWord } from "../search/query.ts";
import { type IndexedText, TextIndex } from "../search/text-index.ts";

/** The full-text index over notes. */
export class MemoryIndex {
  readonly #index: TextIndex;

  constructor(connection: Connection) {
    this.#index = new TextIndex(connection, "memory_index", () => allTexts(connection));
  }

  add(n: number, agentId: string, text: string): void {
    this.#index.add({ n, text, scopes: [scopeWord("a", agentId)] });
  }

  remove(n: number): void {
    this.#index.remove("?", [n]);
  }

  /** Takes the words of forgotten notes out of the index. */
  purge(): void {
    this.#index.purge();
  }

  /** @returns row numbers, best first. */
  search(agentId: string, words: readonly SearchWord[], limit: number): number[] {
    return this.#index.search(words, [scopeWord("a", agentId)], limit);
  }
}

const allSql = `SELECT n, ${textColumns("agent_id", "key", "value")} FROM memory`;

function allTexts(connection: Connection): IndexedText[] {
  return connection.all(allSql).map((row: Row) => ({
    n: integer(row, "n"),
    text: `${lossyText(row, "key")}\n${lossyText(row, "value")}`,
    scopes: [scopeWord("a", lossyText(row, "agent_id"))],
  }));
}
