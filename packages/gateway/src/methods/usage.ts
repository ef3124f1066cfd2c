import { ok } from "@carapace/protocol";
import { findByKey } from "../sessions/find.ts";
import type { MethodHandlers } from "../types.ts";
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

const dayMs = 86_400_000;

/** Tokens and money spent on models (websocket.md §12.9). */
export function usageHandlers({ state, world, usage }: Services): Pick<MethodHandlers, Handled> {
  const entries = state.usage;
  /** The beginning of the UTC day so many days ago; 1 is today. */
  const daysAgo = (days: number) => world.nowMs() - (world.nowMs() % dayMs) - (days - 1) * dayMs;

  async function switchTo(enabled: boolean) {
    await usage.enable(enabled);
    return ok({ ok: true as const, enabled });
  }

  return {
    async "usage.status"() {
      const [days, sessions] = await Promise.all([entries.days(0), entries.sessions(0)]);
      const { cost, ...tokens } = total(days);
      return ok({
        enabled: usage.isEnabled(),
        tracking: usage.isEnabled(),
        pricingConfigured: usage.hasPrices(days),
        summary: { ...tokens, totalCost: cost },
        sessionCount: sessions.length,
        providerCount: new Set(days.map((day) => day.provider)).size,
      });
    },
    "usage.enable": () => switchTo(true),
    "usage.disable": () => switchTo(false),
    async "usage.cost"({ params }) {
      const since = daysAgo(params.days);
      const { provider } = params;
      const session = params.sessionKey === undefined ? undefined : await storedKey(params.sessionKey);
      const [all, sessions] = await Promise.all([
        entries.days(since, session),
        entries.sessions(since, session),
      ]);
      const days = all.filter((day) => provider === undefined || day.provider === provider);
      const { cost, ...tokens } = total(days);
      const isBroken = session === undefined;
      return ok({
        days: params.days,
        sessionKey: params.sessionKey ?? null,
        provider: provider ?? null,
        ...tokens,
        totalCost: cost,
        pricingConfigured: usage.hasPrices(days),
        sessionCount: sessions.length,
        byProvider: isBroken ? byProvider(days) : [],
        byModel: isBroken ? byModel(days) : [],
        daily: isBroken
          ? byPeriod(days, (day) => day.day).map(([date, rows]) => ({
              date,
              cost: sum(rows, "costUsd"),
              requests: sum(rows, "requests"),
            }))
          : [],
      });
    },
    async "usage.session"({ params }) {
      const key = await storedKey(params.sessionKey);
      const [[session], days] = await Promise.all([entries.sessions(0, key), entries.days(0, key)]);
      return ok({
        sessionKey: params.sessionKey,
        ...total(days),
        pricingConfigured: usage.hasPrices(days),
        firstUsedAt: session?.firstUsedAtMs ?? null,
        lastUsedAt: session?.lastUsedAtMs ?? null,
      });
    },
    async "usage.providers"() {
      const days = await entries.days(0);
      return ok({ providers: byProvider(days), pricingConfigured: usage.hasPrices(days) });
    },
    async "usage.daily"({ params }) {
      const days = await entries.days(daysAgo(params.days));
      const summaries = byPeriod(days, (day) => day.day).map(([date, rows]) => ({
        date,
        ...total(rows),
        byProvider: byProvider(rows),
        byModel: byModel(rows),
      }));
      return ok({ days: params.days, pricingConfigured: usage.hasPrices(days), summaries });
    },
    async "usage.monthly"({ params }) {
      const now = new Date(world.nowMs());
      const since = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - params.months + 1, 1);
      const days = await entries.days(since);
      const summaries = byPeriod(days, (day) => day.day.slice(0, 7)).map(([month, rows]) => ({
        month,
        ...total(rows),
        byProvider: byProvider(rows),
        byModel: byModel(rows),
      }));
      return ok({ months: params.months, pricingConfigured: usage.hasPrices(days), summaries });
    },
    async "usage.reset"({ params }) {
      const { sessionKey } = params;
      if (sessionKey === undefined)
        return ok({ ok: true, reset: "all", clearedSessions: await entries.clear() });
      const cleared = await entries.clear(await storedKey(sessionKey));
      if (cleared === 0) return ok({ ok: true, reset: "none", reason: "session not found" });
      return ok({ ok: true, reset: "session", sessionKey });
    },
  };

  /** Usage outlives its session, so a key that no session has (any more) is taken as it is. */
  async function storedKey(key: string): Promise<string> {
    return (await findByKey(state.sessions, key))?.key ?? key;
  }
}
