import { hintedSessionKey, SessionKey } from "@carapace/protocol";
import type { Connection } from "../database/connection.ts";
import { integer, lossyText, numberColumns, type Row, real, text, textColumns } from "../database/row.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { aggregateDocuments, aggregateId } from "./aggregates.ts";
import { importedDays, withImportedSessions } from "./imported.ts";
import type { UsageTable } from "./table.ts";
import type { UsageDay, UsageOfSession, UsageRepository, UsageSums } from "./types.ts";

/** Sums over the usage log (websocket.md §12.9), and over what was imported. */
export function createUsage(deps: SealedDeps, table: UsageTable): UsageRepository {
  const { connection } = deps;
  const own = ownUsage(connection);
  const aggregates = aggregateDocuments(deps);
  return {
    record: async (entry) => connection.write(() => table.append(entry)),
    days: async (sinceMs, key) =>
      connection.read(() =>
        key === undefined
          ? inOrder([...own.days(sinceMs), ...importedDays(aggregates.list(), sinceMs)])
          : own.days(sinceMs, key),
      ),
    sessions: async (sinceMs, sessionKey) =>
      connection.read(() =>
        withImportedSessions(own.sessions(sinceMs, sessionKey), aggregates.list(), { sinceMs, sessionKey }),
      ),
    clear: async (key) =>
      connection.write(() => {
        const id =
          key === undefined ? undefined : aggregateId({ period: "session", name: hintedSessionKey(key) });
        const gone = aggregates.list().filter((one) => id === undefined || aggregateId(one) === id);
        for (const one of gone) aggregates.remove(aggregateId(one));
        const cleared = table.clear(key);
        return cleared > 0 ? cleared : gone.filter(({ period }) => period === "session").length;
      }),
  };
}

/** What was recorded here, without what was imported. The caller holds the transaction. */
export function ownUsage(connection: Connection) {
  const sums = (sql: string, sinceMs: number, key?: string) => connection.all(sql, [sinceMs, key ?? null]);
  return {
    days: (sinceMs: number, key?: string): UsageDay[] =>
      sums(daysSql, sinceMs, key).map((row) => ({ day: text(row, "day"), ...priced(row), ...summed(row) })),
    sessions: (sinceMs: number, key?: string): UsageOfSession[] =>
      sums(sessionsSql, sinceMs, key).flatMap((row) => ofSession(row) ?? []),
  };
}

// A key that is none any more is named by verifying.
function ofSession(row: Row): UsageOfSession | undefined {
  const key = SessionKey.safeParse(lossyText(row, "session_key"));
  if (!key.success) return undefined;
  const used = { firstUsedAtMs: integer(row, "first_at"), lastUsedAtMs: integer(row, "last_at") };
  return { sessionKey: key.data, ...used, ...summed(row) };
}

function inOrder(days: readonly UsageDay[]): UsageDay[] {
  return [...days].sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
}

// Not SUM, which refuses to add up what is too large: that is for the reader to say.
const summedColumns = `TOTAL(input_tokens) AS input_tokens, TOTAL(output_tokens) AS output_tokens, COUNT(*) AS requests,
  TOTAL(cost_usd) AS cost_usd`;
const since = "FROM usage WHERE at >= ?1 AND (?2 IS NULL OR session_key = ?2)";
const priceColumns = textColumns("provider", "model");
const daysSql = `SELECT ${textColumns("strftime('%Y-%m-%d', at / 1000, 'unixepoch') AS day")}, ${priceColumns}, ${summedColumns} ${since}
  GROUP BY day, usage.provider, usage.model ORDER BY day, usage.provider, usage.model`;
const sessionsSql = `SELECT ${textColumns("session_key")}, ${numberColumns("MIN(at) AS first_at", "MAX(at) AS last_at")}, ${summedColumns} ${since}
  GROUP BY usage.session_key ORDER BY MAX(at) DESC, usage.session_key`;

function summed(row: Row): UsageSums {
  return {
    inputTokens: integer(row, "input_tokens"),
    outputTokens: integer(row, "output_tokens"),
    requests: integer(row, "requests"),
    costUsd: real(row, "cost_usd"),
  };
}

function priced(row: Row): { provider: string; model: string } {
  return { provider: lossyText(row, "provider"), model: lossyText(row, "model") };
}
