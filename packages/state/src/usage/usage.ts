import { SessionKey } from "@carapace/protocol";
import type { Connection } from "../database/connection.ts";
import { integer, type Row, real, text, textColumns } from "../database/row.ts";
import type { UsageRepository, UsageSums } from "../types.ts";
import type { UsageTable } from "./table.ts";

/** Sums over the usage log (websocket.md §12.9). */
export function createUsage(connection: Connection, table: UsageTable): UsageRepository {
  const sums = (sql: string, sinceMs: number, key?: string) =>
    connection.read(() => connection.all(sql, [sinceMs, key ?? null]));
  return {
    record: async (entry) => connection.write(() => table.append(entry)),
    days: async (sinceMs, key) =>
      sums(daysSql, sinceMs, key).map((row) => ({ day: String(row["day"]), ...priced(row), ...summed(row) })),
    sessions: async (sinceMs, key) =>
      sums(sessionsSql, sinceMs, key).map((row) => ({
        sessionKey: SessionKey.parse(text(row, "session_key")),
        firstUsedAtMs: integer(row, "first_at"),
        lastUsedAtMs: integer(row, "last_at"),
        ...summed(row),
      })),
    clear: async (key) => connection.write(() => table.clear(key)),
  };
}

const summedColumns = `SUM(input_tokens) AS input_tokens, SUM(output_tokens) AS output_tokens, COUNT(*) AS requests,
  SUM(cost_usd) AS cost_usd`;
const since = "FROM usage WHERE at >= ?1 AND (?2 IS NULL OR session_key = ?2)";
const priceColumns = textColumns("provider", "model");
const daysSql = `SELECT strftime('%Y-%m-%d', at / 1000, 'unixepoch') AS day, ${priceColumns}, ${summedColumns} ${since}
  GROUP BY day, usage.provider, usage.model ORDER BY day, usage.provider, usage.model`;
const sessionsSql = `SELECT ${textColumns("session_key")}, MIN(at) AS first_at, MAX(at) AS last_at, ${summedColumns} ${since}
  GROUP BY usage.session_key ORDER BY last_at DESC, usage.session_key`;

function summed(row: Row): UsageSums {
  return {
    inputTokens: integer(row, "input_tokens"),
    outputTokens: integer(row, "output_tokens"),
    requests: integer(row, "requests"),
    costUsd: real(row, "cost_usd"),
  };
}

function priced(row: Row): { provider: string; model: string } {
  return { provider: text(row, "provider"), model: text(row, "model") };
}
