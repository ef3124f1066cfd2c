import { z } from "zod";
import { clamped, methods, optionalText, required } from "./contract.ts";

const tokens = {
  inputTokens: z.number(),
  outputTokens: z.number(),
  totalTokens: z.number(),
  requests: z.number(),
};
const ProviderUsage = z.object({ provider: z.string(), ...tokens, cost: z.number() });
const ModelUsage = ProviderUsage.extend({ model: z.string() });
const breakdown = { byProvider: z.array(ProviderUsage), byModel: z.array(ModelUsage) };
/** False: costs are 0 because no price is known, not because nothing was spent. */
const pricingConfigured = z.boolean();

const Switched = z.object({ ok: z.literal(true), enabled: z.boolean() });

const UsageStatusResult = z.object({
  enabled: z.boolean(),
  tracking: z.boolean(),
  pricingConfigured,
  summary: z.object({ ...tokens, totalCost: z.number() }),
  sessionCount: z.number(),
  providerCount: z.number(),
});

const UsageCostResult = z.object({
  days: z.number(),
  sessionKey: z.string().nullable(),
  provider: z.string().nullable(),
  ...tokens,
  totalCost: z.number(),
  pricingConfigured,
  sessionCount: z.number(),
  ...breakdown,
  daily: z.array(z.object({ date: z.string(), cost: z.number(), requests: z.number() })),
});

const UsageSessionResult = z.object({
  sessionKey: z.string(),
  ...tokens,
  cost: z.number(),
  pricingConfigured,
  firstUsedAt: z.number().nullable(),
  lastUsedAt: z.number().nullable(),
});

const summary = { ...tokens, cost: z.number(), ...breakdown };

const UsageResetResult = z.discriminatedUnion("reset", [
  z.object({ ok: z.literal(true), reset: z.literal("session"), sessionKey: z.string() }),
  z.object({ ok: z.literal(true), reset: z.literal("none"), reason: z.string() }),
  z.object({ ok: z.literal(true), reset: z.literal("all"), clearedSessions: z.number() }),
]);

/** Tokens and money spent on models (websocket.md §12.9). */
export const usageMethods = methods({
  "usage.status": {
    access: "read",
    summary: "Sum up usage since the last reset",
    params: z.object({}),
    result: UsageStatusResult,
  },
  "usage.enable": { access: "write", summary: "Record usage", params: z.object({}), result: Switched },
  "usage.disable": {
    access: "write",
    summary: "Stop recording usage",
    params: z.object({}),
    result: Switched,
  },
  "usage.cost": {
    access: "read",
    summary: "Usage and cost of the last days",
    params: z.object({
      sessionKey: optionalText(),
      days: clamped(30, 1, 365),
      provider: optionalText(),
    }),
    result: UsageCostResult,
  },
  "usage.session": {
    access: "read",
    summary: "Usage of one session",
    params: z.object({ sessionKey: required("sessionKey") }),
    result: UsageSessionResult,
  },
  "usage.providers": {
    access: "read",
    summary: "Usage per provider",
    params: z.object({}),
    result: z.object({ providers: z.array(ProviderUsage), pricingConfigured }),
  },
  "usage.daily": {
    access: "read",
    summary: "Usage per day, newest first",
    params: z.object({ days: clamped(30, 1, 365) }),
    result: z.object({
      days: z.number(),
      pricingConfigured,
      summaries: z.array(z.object({ date: z.string(), ...summary })),
    }),
  },
  "usage.monthly": {
    access: "read",
    summary: "Usage per month, newest first",
    params: z.object({ months: clamped(12, 1, 120) }),
    result: z.object({
      months: z.number(),
      pricingConfigured,
      summaries: z.array(z.object({ month: z.string(), ...summary })),
    }),
  },
  "usage.reset": {
    access: "write",
    summary: "Forget recorded usage of a session, or all",
    params: z.object({ sessionKey: optionalText() }),
    result: UsageResetResult,
  },
});
