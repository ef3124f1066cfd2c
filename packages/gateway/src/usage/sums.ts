import type { UsageDay } from "@carapace/state";

/** Tokens and cost as the wire tells them (websocket.md §12.9). */
export interface WireSums {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
  readonly requests: number;
  readonly cost: number;
}

export function sum(
  rows: readonly UsageDay[],
  field: "inputTokens" | "outputTokens" | "requests" | "costUsd",
): number {
  return rows.reduce((all, row) => all + row[field], 0);
}

export function total(rows: readonly UsageDay[]): WireSums {
  const inputTokens = sum(rows, "inputTokens");
  const outputTokens = sum(rows, "outputTokens");
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    requests: sum(rows, "requests"),
    cost: sum(rows, "costUsd"),
  };
}

/** Rows by provider, by name. */
export function byProvider(rows: readonly UsageDay[]): (WireSums & { provider: string })[] {
  return grouped(rows, (row) => row.provider)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([provider, own]) => ({ provider, ...total(own) }));
}

/** Rows by provider and model, by name. */
export function byModel(rows: readonly UsageDay[]): (WireSums & { provider: string; model: string })[] {
  return grouped(rows, (row) => JSON.stringify([row.provider, row.model]))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, own]) => {
      const [first] = own;
      return first === undefined ? [] : [{ provider: first.provider, model: first.model, ...total(own) }];
    });
}

/** Rows by day or month, the newest first. */
export function byPeriod(
  rows: readonly UsageDay[],
  period: (row: UsageDay) => string,
): [string, UsageDay[]][] {
  return grouped(rows, period).sort(([a], [b]) => (a < b ? 1 : -1));
}

function grouped(rows: readonly UsageDay[], name: (row: UsageDay) => string): [string, UsageDay[]][] {
  return [...Map.groupBy(rows, name)];
}
