import { z } from "zod";
import { Bool, NullableNum, NullableText, Num, Text, True } from "../scalars.ts";
import { clamped, methods, NoParams, optionalKey, optionalText, requiredKey } from "./contract.ts";

const tokens = {
  inputTokens: Num,
  outputTokens: Num,
  totalTokens: Num,
  requests: Num,
};
const ProviderUsage = () => z.object({ provider: Text, ...tokens, cost: Num });
const ModelUsage = () => ProviderUsage().extend({ model: Text });
const breakdown = () => ({ byProvider: z.array(ProviderUsage()), byModel: z.array(ModelUsage()) });
/** False: costs are 0 because no price is known, not because nothing was spent. */
const pricingConfigured = Bool;

const Switched = () => z.object({ ok: True, enabled: Bool });

const UsageStatusResult = () =>
  z.object({
    enabled: Bool,
    tracking: Bool,
    pricingConfigured,
    summary: z.object({ ...tokens, totalCost: Num }),
    sessionCount: Num,
    providerCount: Num,
  });

const UsageCostResult = () =>
  z.object({
    days: Num,
    sessionKey: NullableText,
    provider: NullableText,
    ...tokens,
    totalCost: Num,
    pricingConfigured,
    sessionCount: Num,
    ...breakdown(),
    daily: z.array(z.object({ date: Text, cost: Num, requests: Num })),
  });

const UsageSessionResult = () =>
  z.object({
    sessionKey: Text,
    ...tokens,
    cost: Num,
    pricingConfigured,
    firstUsedAt: NullableNum,
    lastUsedAt: NullableNum,
  });

const summary = () => ({ ...tokens, cost: Num, ...breakdown() });

const UsageResetResult = () =>
  z.discriminatedUnion("reset", [
    z.object({ ok: True, reset: z.literal("session"), sessionKey: Text }),
    z.object({ ok: True, reset: z.literal("none"), reason: Text }),
    z.object({ ok: True, reset: z.literal("all"), clearedSessions: Num }),
  ]);

/** Tokens and money spent on models (websocket.md §12.9). */
export const usageMethods = methods({
  "usage.status": {
    access: "read",
    summary: "Sum up usage since the last reset",
    params: NoParams,
    result: UsageStatusResult,
  },
  "usage.enable": { access: "write", summary: "Record usage", params: NoParams, result: Switched },
  "usage.disable": {
    access: "write",
    summary: "Stop recording usage",
    params: NoParams,
    result: Switched,
  },
  "usage.cost": {
    access: "read",
    summary: "Usage and cost of the last days",
    params: () =>
      z.object({
        sessionKey: optionalKey("sessionKey"),
        days: clamped(30, 1, 365),
        provider: optionalText,
      }),
    result: UsageCostResult,
  },
  "usage.session": {
    access: "read",
    summary: "Usage of one session",
    params: () => z.object({ sessionKey: requiredKey("sessionKey") }),
    result: UsageSessionResult,
  },
  "usage.providers": {
    access: "read",
    summary: "Usage per provider",
    params: NoParams,
    result: () => z.object({ providers: z.array(ProviderUsage()), pricingConfigured }),
  },
  "usage.daily": {
    access: "read",
    summary: "Usage per day, newest first",
    params: () => z.object({ days: clamped(30, 1, 365) }),
    result: () =>
      z.object({
        days: Num,
        pricingConfigured,
        summaries: z.array(z.object({ date: Text, ...summary() })),
      }),
  },
  "usage.monthly": {
    access: "read",
    summary: "Usage per month, newest first",
    params: () => z.object({ months: clamped(12, 1, 120) }),
    result: () =>
      z.object({
        months: Num,
        pricingConfigured,
        summaries: z.array(z.object({ month: Text, ...summary() })),
      }),
  },
  "usage.reset": {
    access: "write",
    summary: "Forget recorded usage of a session, or all",
    params: () => z.object({ sessionKey: optionalKey("sessionKey") }),
    result: UsageResetResult,
  },
});
