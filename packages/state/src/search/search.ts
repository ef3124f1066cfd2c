import { type Origin, SessionKey, textOf } from "@carapace/protocol";
import type { Connection } from "../database/connection.ts";
import { integer, lossyText, numberColumns, readable, textColumns } from "../database/row.ts";
import type { MessageTable } from "../messages/table.ts";
import type { SessionTable } from "../sessions/table.ts";
import type { Message, SearchHit } from "../types.ts";
import type { SearchOptions } from "./message-index.ts";
import { parseQuery, type SearchWord } from "./query.ts";
import { snippet } from "./snippet.ts";

export interface SearchDeps {
  readonly connection: Connection;
  readonly sessions: SessionTable;
  readonly messages: MessageTable;
}

/** Finds messages by their words. A message that does not verify is left out, and its session set aside. */
export function searchMessages(deps: SearchDeps, query: string, options: SearchOptions): SearchHit[] {
  const words = parseQuery(query);
  const hits: SearchHit[] = [];
  for (const n of deps.messages.index.search(words, options)) {
    const hit = toHit(deps, n, words);
    if (hit !== undefined) hits.push(hit);
  }
  return hits;
}

const placeSql = `SELECT ${textColumns("session_id")}, ${numberColumns("seq")} FROM messages WHERE n = ?`;

function toHit(deps: SearchDeps, n: number, words: readonly SearchWord[]): SearchHit | undefined {
  const raw = deps.connection.get(placeSql, [n]);
  if (raw === undefined) return undefined;
  const sessionId = lossyText(raw, "session_id");
  const seq = readable(() => integer(raw, "seq"));
  const session = deps.sessions.byId(sessionId);
  if (seq === undefined || session === undefined || session.damage !== undefined) return undefined;
  const { messages, broken } = deps.messages.read(session.row, { afterSeq: seq - 1, beforeSeq: seq + 1 });
  const message = messages[0];
  if (broken !== undefined) deps.sessions.report(session.row.key, broken);
  if (broken !== undefined || message === undefined) return undefined;
  const text = textOf(message.blocks);
  return {
    sessionKey: SessionKey.parse(session.row.key),
    sessionId,
    messageId: message.id,
    seq,
    role: message.role,
    snippet: snippet(text, words),
    createdAtMs: message.createdAtMs,
    origins: originsOf(message),
  };
}

function originsOf(message: Message): Origin[] {
  const distinct = new Map<string, Origin>();
  for (const block of message.blocks) {
    if (block.type === "text") distinct.set(JSON.stringify(block.origin), block.origin);
  }
  return [...distinct.values()];
}
