import { type MethodParams, ok } from "@carapace/protocol";
import type { UsageDay } from "@carapace/state";
import { findByKey } from "../sessions/find.ts";
import type { Answer, MethodHandlers } from "../types.ts";
import { byModel, byPeriod, byProvider, sum, total } from "../usage/sums.ts";
import type { Services } from "./services.ts";

type Handled =
  | "usage.status"
  | "usage.enable"
  | "usage.disable"
  | "usage.cost"
  | "usage.session"
  | "usage.providers"
  | "usage.daily"
  | "usage.monthly"
  | "usage.reset";
type Needs = Pick<Services, "state" | "world" | "usage">;

const dayMs = 86_400_000;

/** Tokens and money spent on models (websocket.md §12.9). */
export function usageHandlers(services: Needs): Pick<MethodHandlers, Handled> {
  return {
    "usage.status": () => status(services),
    "usage.enable": () => enable(true, services),
    "usage.disable": () => enable(false, services),
    "usage.cost": ({ params }) => cost(params, services),
    "usage.session": ({ params }) => ofSession(params, services),
    "usage.providers": () => providers(services),
    "usage.daily": ({ params }) => daily(params, services),
    "usage.monthly": ({ params }) => monthly(params, services),
    "usage.reset": ({ params }) => reset(params, services),
  };
}

async function status({ state, usage }: Needs): Answer<"usage.status"> {
  const [days, sessions] = await Promise.all([state.usage.days(0), state.usage.sessions(0)]);
  const { cost: totalCost, ...tokens } = total(days);
  return ok({
    enabled: usage.isEnabled(),
    tracking: usage.isEnabled(),
    pricingConfigured: usage.hasPrices(days),
    summary: { ...tokens, totalCost },
    sessionCount: sessions.length,
    providerCount: new Set(days.map((day) => day.provider)).size,
  });
}

async function enable(enabled: boolean, { usage }: Needs): Answer<"usage.enable"> {
  await usage.enable(enabled);
  return ok({ ok: true, enabled });
}

async function cost(params: MethodParams<"usage.cost">, services: Needs): Answer<"usage.cost"> {
  const { state, usage } = services;
  const since = daysAgo(params.days, services);
  const { provider } = params;
  const session = params.sessionKey === undefined ? undefined : await storedKey(params.sessionKey, services);
  const [all, sessions] = await Promise.all([
    state.usage.days(since, session),
    state.usage.sessions(since, session),
  ]);
  const days = all.filter((day) => provider === undefined || day.provider === provider);
  const { cost: totalCost, ...tokens } = total(days);
  return ok({
    days: params.days,
    sessionKey: params.sessionKey ?? null,
    provider: provider ?? null,
    ...tokens,
    totalCost,
    pricingConfigured: usage.hasPrices(days),
    sessionCount: sessions.length,
    // Only the sum of all sessions is taken apart.
    ...breakdown(session === undefined ? days : []),
  });
}

function breakdown(days: readonly UsageDay[]) {
  const daily = byPeriod(days, (day) => day.day).map(([date, rows]) => ({
    date,
    cost: sum(rows, "costUsd"),
    requests: sum(rows, "requests"),
  }));
  return { byProvider: byProvider(days), byModel: byModel(days), daily };
}

async function ofSession(
  { sessionKey }: MethodParams<"usage.session">,
  services: Needs,
): Answer<"usage.session"> {
  const { state, usage } = services;
  const key = await storedKey(sessionKey, services);
  const [[session], days] = await Promise.all([state.usage.sessions(0, key), state.usage.days(0, key)]);
  return ok({
    sessionKey,
    ...total(days),
    pricingConfigured: usage.hasPrices(days),
    firstUsedAt: session?.firstUsedAtMs ?? null,
    lastUsedAt: session?.lastUsedAtMs ?? null,
  });
}

async function providers({ state, usage }: Needs): Answer<"usage.providers"> {
  const days = await state.usage.days(0);
  return ok({ providers: byProvider(days), pricingConfigured: usage.hasPrices(days) });
}

async function daily(params: MethodParams<"usage.daily">, services: Needs): Answer<"usage.daily"> {
  const days = await services.state.usage.days(daysAgo(params.days, services));
  const summaries = byPeriod(days, (day) => day.day).map(([date, rows]) => ({ date, ...summary(rows) }));
  return ok({ days: params.days, pricingConfigured: services.usage.hasPrices(days), summaries });
}

async function monthly(params: MethodParams<"usage.monthly">, services: Needs): Answer<"usage.monthly"> {
  const { state, world, usage } = services;
  const now = new Date(world.nowMs());
  const since = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - params.months + 1, 1);
  const days = await state.usage.days(since);
  const months = byPeriod(days, (day) => day.day.slice(0, 7));
  const summaries = months.map(([month, rows]) => ({ month, ...summary(rows) }));
  return ok({ months: params.months, pricingConfigured: usage.hasPrices(days), summaries });
}

function summary(rows: readonly UsageDay[]) {
  return { ...total(rows), byProvider: byProvider(rows), byModel: byModel(rows) };
}

async function reset({ sessionKey }: MethodParams<"usage.reset">, services: Needs): Answer<"usage.reset"> {
  const entries = services.state.usage;
  if (sessionKey === undefined) {
    return ok({ ok: true, reset: "all", clearedSessions: await entries.clear() });
  }
  const cleared = await entries.clear(await storedKey(sessionKey, services));
  if (cleared === 0) return ok({ ok: true, reset: "none", reason: "session not found" });
  return ok({ ok: true, reset: "session", sessionKey });
}

/** The beginning of the UTC day so many days ago; 1 is today. */
function daysAgo(days: number, { world }: Needs): number {
  return world.nowMs() - (world.nowMs() % dayMs) - (days - 1) * dayMs;
}

/** Usage outlives its session, so a key that no session has (any more) is taken as it is. */
async function storedKey(key: string, { state }: Needs): Promise<string> {
  return (await findByKey(state.sessions, key))?.key ?? key;
}
