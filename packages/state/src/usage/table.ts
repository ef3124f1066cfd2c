import {
  blobColumns,
  integer,
  lossyText,
  numberColumns,
  optionalInteger,
  type Row,
  readable,
  real,
  storedMac,
  textColumns,
} from "../database/row.ts";
import { macText, sameMac } from "../integrity/macs.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import type { SealGroup } from "../integrity/seals.ts";
import type { UsageEntry } from "./types.ts";

const usageSeals: SealGroup = { name: "usage", pages: 64 };

/** A place in a session's log: the number and the MAC of the entry before. */
export interface LogPlace {
  readonly n: number;
  readonly mac: Uint8Array | undefined;
}

const pageSize = 500;

/** What every model call cost: one append-only log a session, each row's MAC building on the one before. */
export class UsageTable {
  readonly #deps: SealedDeps;
  /** Where a log starts. */
  readonly start: LogPlace = { n: -1, mac: undefined };

  constructor(deps: SealedDeps) {
    this.#deps = deps;
  }

  /** The caller holds the transaction. */
  append(entry: UsageEntry): void {
    const { connection, macs, seals } = this.#deps;
    const last = connection.get(lastSql, [entry.sessionKey]);
    const columns = usageColumns(entry);
    const mac = macs.record("usage", [last === undefined ? null : storedMac(last), ...columns]);
    connection.run(insertSql, [...columns, mac]);
    seals.set(usageSeals, entry.sessionKey, macText(mac));
  }

  /** Drops the entries of one session, or all. @returns how many sessions had some. */
  clear(sessionKey: string | undefined): number {
    const { connection, seals, damage } = this.#deps;
    const keys = new Set<string>();
    if (sessionKey === undefined) this.collectKeys(keys);
    else keys.add(sessionKey);
    let cleared = 0;
    for (const key of keys) {
      const removed = connection.run("DELETE FROM usage WHERE session_key = ?", [key]);
      const wasSealed = seals.find(usageSeals, key).kind === "sealed";
      if (wasSealed) seals.remove(usageSeals, key);
      if (removed > 0 || wasSealed) cleared++;
      damage.settle({ scope: "database", name: `usage ${key}` });
    }
    return cleared;
  }

  /** Adds every session key that has entries, or had some according to the register. */
  collectKeys(keys: Set<string>): void {
    for (const key of this.#deps.seals.list(usageSeals).keys()) keys.add(key);
    for (const row of this.#deps.connection.all(keysSql)) keys.add(lossyText(row, "session_key"));
  }

  /** False if a session's log is not as it was written. */
  verify(sessionKey: string): boolean {
    let place: LogPlace | "whole" | "broken" = this.start;
    while (typeof place === "object") place = this.verifyPage(sessionKey, place);
    return place === "whole";
  }

  /** Checks a part of a session's log. @returns where the next part starts, or what the whole log is */
  verifyPage(sessionKey: string, { n, mac }: LogPlace): LogPlace | "whole" | "broken" {
    const rows = this.#deps.connection.all(pageSql, [sessionKey, n, pageSize]);
    for (const row of rows) {
      const columns = readable(() => storedColumns(row));
      if (columns === undefined) return "broken";
      const expected = this.#deps.macs.record("usage", [mac, ...columns]);
      n = integer(row, "n");
      mac = storedMac(row);
      if (!sameMac(expected, mac)) return "broken";
    }
    if (rows.length === pageSize) return { n, mac };
    const seal = this.#deps.seals.find(usageSeals, sessionKey);
    const isWhole =
      mac === undefined ? seal.kind === "absent" : seal.kind === "sealed" && seal.stamp === macText(mac);
    return isWhole ? "whole" : "broken";
  }
}

const insertSql = `INSERT INTO usage(provider, model, session_key, agent_id, input_tokens, output_tokens,
  cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, at, mac) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const lastSql = `SELECT ${blobColumns("mac")} FROM usage WHERE session_key = ? ORDER BY n DESC LIMIT 1`;
const keysSql = `SELECT DISTINCT ${textColumns("session_key")} FROM usage`;
const pageSql = `SELECT n, ${textColumns("provider", "model", "session_key", "agent_id")},
  ${numberColumns("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")},
  ${numberColumns("cost_usd", "at")}, ${blobColumns("mac")}
  FROM usage WHERE usage.session_key = ? AND n > ? ORDER BY n LIMIT ?`;

function usageColumns({ usage, ...entry }: UsageEntry) {
  return [
    entry.provider,
    entry.model,
    entry.sessionKey,
    entry.agentId,
    usage.inputTokens,
    usage.outputTokens,
    usage.cacheReadTokens ?? null,
    usage.cacheWriteTokens ?? null,
    usage.reasoningTokens ?? null,
    entry.costUsd,
    entry.atMs,
  ];
}

function storedColumns(row: Row) {
  return [
    lossyText(row, "provider"),
    lossyText(row, "model"),
    lossyText(row, "session_key"),
    lossyText(row, "agent_id"),
    integer(row, "input_tokens"),
    integer(row, "output_tokens"),
    optionalInteger(row, "cache_read_tokens"),
    optionalInteger(row, "cache_write_tokens"),
    optionalInteger(row, "reasoning_tokens"),
    real(row, "cost_usd"),
    integer(row, "at"),
  ];
}
