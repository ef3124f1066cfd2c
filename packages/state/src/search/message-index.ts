import { Block, textOf } from "@carapace/protocol";
import { z } from "zod";
import type { Connection } from "../database/connection.ts";
import { integer, lossyText, type Row, textColumns } from "../database/row.ts";
import { parseJson } from "../database/stored.ts";
import { type SearchWord, scopeWord } from "./query.ts";
import { type IndexedText, TextIndex } from "./text-index.ts";

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

/** The full-text index over messages. */
export class MessageIndex {
  readonly #index: TextIndex;

  constructor(connection: Connection) {
    this.#index = new TextIndex(connection, "message_index", () => allTexts(connection));
  }

  add(n: number, text: string, scope: Scope): void {
    this.#index.add({ n, text, scopes: words(scope) });
  }

  removeSession(sessionId: string): void {
    this.#index.remove("SELECT n FROM messages WHERE session_id = ?", [sessionId]);
  }

  /** @returns row numbers of messages, best first. */
  search(wanted: readonly SearchWord[], { limit, ...scope }: SearchOptions): number[] {
    return this.#index.search(wanted, words(scope), limit);
  }
}

function words({ sessionId, agentId }: Partial<Scope>): string[] {
  return [
    ...(sessionId === undefined ? [] : [scopeWord("s", sessionId)]),
    ...(agentId === undefined ? [] : [scopeWord("a", agentId)]),
  ];
}

const pageSql = `SELECT m.n, ${textColumns("m.session_id", "m.content", "s.agent_id")}
  FROM messages m LEFT JOIN sessions s ON s.id = m.session_id WHERE m.n > ? ORDER BY m.n LIMIT 500`;

const Blocks = z.array(Block);

function* allTexts(connection: Connection): Generator<IndexedText> {
  for (let after = 0; ; ) {
    const rows = connection.all(pageSql, [after]);
    yield* rows.map((row) => ({ n: integer(row, "n"), text: storedText(row), scopes: words(scopeOf(row)) }));
    const last = rows.at(-1);
    if (last === undefined) return;
    after = integer(last, "n");
  }
}

function storedText(row: Row): string {
  const blocks = Blocks.safeParse(parseJson(lossyText(row, "content")));
  return blocks.success ? textOf(blocks.data) : "";
}

function scopeOf(row: Row): Scope {
  const agentId = row["agent_id"] === null ? undefined : lossyText(row, "agent_id");
  return { sessionId: lossyText(row, "session_id"), agentId };
}
