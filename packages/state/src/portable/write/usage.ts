import { hintedSessionKey } from "@carapace/protocol";
import { settingRecords } from "../../settings/settings.ts";
import { aggregateDocuments, type UsageAggregate } from "../../usage/aggregates.ts";
import type { UsageDay, UsageSums } from "../../usage/types.ts";
import { ownUsage } from "../../usage/usage.ts";
import type { PortableDeps } from "../deps.ts";
import type { PortableOutput, WriteOptions } from "../types.ts";
import { prettyFile } from "./json-file.ts";

interface Sums {
  input_tokens: number;
  output_tokens: number;
  requests: number;
  cost_usd: number;
}

interface Period extends Sums {
  by_provider: Record<string, Sums>;
  by_model: Record<string, Sums>;
}

type PeriodMap = Map<string, Period & Record<string, unknown>>;

/** Usage totals (state.md §6): what was recorded here, added to what was imported. */
export async function* writeUsage(
  deps: PortableDeps,
  { nowMs }: Pick<WriteOptions, "nowMs">,
): AsyncGenerator<PortableOutput> {
  const imported = deps.connection.read(() => aggregateDocuments(deps).list());
  const own = ownUsage(deps.connection);
  const days = deps.connection.read(() => own.days(0));
  const sessions = deps.connection.read(() => own.sessions(0));
  if (imported.length + days.length === 0) return;
  const daily = periodsOf(imported, "day", "date");
  const monthly = periodsOf(imported, "month", "month");
  for (const day of days) {
    addDay(daily, { name: day.day, field: "date" }, day);
    addDay(monthly, { name: day.day.slice(0, 7), field: "month" }, day);
  }
  const bySession = new Map<string, Record<string, unknown> & Sums>();
  for (const { period, name, ...sums } of imported) if (period === "session") bySession.set(name, sums);
  for (const { sessionKey, firstUsedAtMs, lastUsedAtMs, ...sums } of sessions) {
    const id = hintedSessionKey(sessionKey);
    const known = bySession.get(id);
    const total = add(known ?? zero(), sums);
    const first = Math.min(firstUsedAtMs, Number(known?.["first_used_at"] ?? firstUsedAtMs));
    bySession.set(id, {
      ...known,
      session_id: id,
      ...total,
      first_used_at: first,
      last_used_at: lastUsedAtMs,
    });
  }
  const setting = deps.connection.read(() => settingRecords(deps).find("usage.enabled"));
  yield prettyFile("usage/usage.json", {
    enabled: setting?.value !== false,
    daily: Object.fromEntries(daily),
    monthly: Object.fromEntries(monthly),
    sessions: Object.fromEntries(bySession),
    last_updated: nowMs(),
  });
}

function periodsOf(imported: readonly UsageAggregate[], period: "day" | "month", field: string): PeriodMap {
  const found = imported.filter((one) => one.period === period);
  return new Map(
    found.map(({ period: _period, name, ...stored }) => [
      name,
      {
        ...stored,
        [field]: name,
        by_provider: mapOf(stored["by_provider"]),
        by_model: mapOf(stored["by_model"]),
      },
    ]),
  );
}

function mapOf(value: unknown): Record<string, Sums> {
  if (typeof value !== "object" || value === null) return {};
  const sums = Object.entries(value).map(([name, one]) => [name, add(zero(), toSums(one))] as const);
  return Object.fromEntries(sums);
}

function toSums(value: unknown): UsageSums {
  const number = (name: string) => {
    const found = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
    return typeof found === "number" ? found : 0;
  };
  return {
    inputTokens: number("input_tokens"),
    outputTokens: number("output_tokens"),
    requests: number("requests"),
    costUsd: number("cost_usd"),
  };
}

function addDay(periods: PeriodMap, { name, field }: { name: string; field: string }, day: UsageDay): void {
  const known = periods.get(name) ?? { [field]: name, ...zero(), by_provider: {}, by_model: {} };
  const { by_provider, by_model } = known;
  const model = day.model.includes(":") ? day.model : `${day.provider}:${day.model}`;
  periods.set(name, {
    ...known,
    ...add(known, day),
    by_provider: { ...by_provider, [day.provider]: add(by_provider[day.provider] ?? zero(), day) },
    by_model: { ...by_model, [model]: add(by_model[model] ?? zero(), day) },
  });
}

function zero(): Sums {
  return { input_tokens: 0, output_tokens: 0, requests: 0, cost_usd: 0 };
}

function add(sums: Sums, more: UsageSums): Sums {
  return {
    input_tokens: sums.input_tokens + more.inputTokens,
    output_tokens: sums.output_tokens + more.outputTokens,
    requests: sums.requests + more.requests,
    cost_usd: sums.cost_usd + more.costUsd,
  };
}
