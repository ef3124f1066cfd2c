import { hintedSessionKey, isRecord, SessionKey } from "@carapace/protocol";
import type { UsageAggregate } from "./aggregates.ts";
import type { UsageDay, UsageOfSession, UsageSums } from "./types.ts";

/** Imported sums of days as rows like our own: by model, as far as the sums tell models apart. */
export function importedDays(aggregates: readonly UsageAggregate[], sinceMs: number): UsageDay[] {
  const first = new Date(Math.max(0, sinceMs)).toISOString().slice(0, 10);
  const days = aggregates.filter(({ period, name }) => period === "day" && name >= first);
  return days.flatMap((day) => {
    const models = Object.entries(isRecord(day["by_model"]) ? day["by_model"] : {}).map(([model, sums]) => ({
      day: day.name,
      provider: model.includes(":") ? model.slice(0, model.indexOf(":")) : "imported",
      model,
      ...sumsOf(sums),
    }));
    const rest = models.reduce((left, model) => minus(left, model), sumsOf(day));
    const hasRest = rest.inputTokens > 0 || rest.outputTokens > 0 || rest.requests > 0;
    return hasRest
      ? [...models, { day: day.name, provider: "imported", model: "imported", ...rest }]
      : models;
  });
}

/** Own rows and imported ones together; a session is known there by the hash of its key (state.md §6). */
export function withImportedSessions(
  own: readonly UsageOfSession[],
  aggregates: readonly UsageAggregate[],
  { sinceMs, sessionKey }: { readonly sinceMs: number; readonly sessionKey?: string | undefined },
): UsageOfSession[] {
  const rows = new Map(own.map((row) => [hintedSessionKey(row.sessionKey), row]));
  const wanted = sessionKey === undefined ? undefined : hintedSessionKey(sessionKey);
  for (const one of aggregates) {
    const id = SessionKey.safeParse(one.name);
    if (one.period !== "session" || !id.success || (wanted !== undefined && wanted !== id.data)) continue;
    const lastUsedAtMs = timeOf(one["last_used_at"]);
    if (lastUsedAtMs < sinceMs) continue;
    const known = rows.get(id.data);
    const firstUsedAtMs = timeOf(one["first_used_at"]);
    const row = {
      sessionKey: SessionKey.parse(sessionKey ?? id.data),
      firstUsedAtMs,
      lastUsedAtMs,
      ...sumsOf(one),
    };
    rows.set(id.data, known === undefined ? row : merged(known, row));
  }
  return [...rows.values()].sort((a, b) => b.lastUsedAtMs - a.lastUsedAtMs);
}

function merged(own: UsageOfSession, imported: UsageOfSession): UsageOfSession {
  return {
    sessionKey: own.sessionKey,
    firstUsedAtMs: Math.min(own.firstUsedAtMs, imported.firstUsedAtMs),
    lastUsedAtMs: Math.max(own.lastUsedAtMs, imported.lastUsedAtMs),
    inputTokens: own.inputTokens + imported.inputTokens,
    outputTokens: own.outputTokens + imported.outputTokens,
    requests: own.requests + imported.requests,
    costUsd: own.costUsd + imported.costUsd,
  };
}

function timeOf(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : 0;
}

function sumsOf(value: unknown): UsageSums {
  const number = (name: string) => {
    const found = isRecord(value) ? value[name] : undefined;
    return typeof found === "number" && Number.isFinite(found) ? found : 0;
  };
  return {
    inputTokens: number("input_tokens"),
    outputTokens: number("output_tokens"),
    requests: number("requests"),
    costUsd: number("cost_usd"),
  };
}

function minus(left: UsageSums, part: UsageSums): UsageSums {
  return {
    inputTokens: left.inputTokens - part.inputTokens,
    outputTokens: left.outputTokens - part.outputTokens,
    requests: left.requests - part.requests,
    costUsd: left.costUsd - part.costUsd,
  };
}
