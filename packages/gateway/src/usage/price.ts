import type { Config } from "@carapace/config";
import type { UsageEntry } from "@carapace/state";

type Pricing = Config["usage"]["pricing"];

/** Whether the owner set any price. */
export function arePricesConfigured({ default: fallback, overrides }: Pricing): boolean {
  return fallback !== undefined || overrides.length > 0;
}

/** Fills in what a model call cost (agent.md §14): an exact match, then a partial one, then the default; else 0. Pure. */
export function price(entry: UsageEntry, pricing: Pricing): UsageEntry {
  const model = entry.model.toLowerCase();
  const matches = (override: Pricing["overrides"][number], type: "exact" | "contains") => {
    const text = (override.match ?? "").toLowerCase();
    if (text === "" || (override.matchType ?? "contains") !== type) return false;
    return type === "exact" ? model === text : model.includes(text);
  };
  const found =
    pricing.overrides.find((override) => matches(override, "exact")) ??
    pricing.overrides.find((override) => matches(override, "contains")) ??
    pricing.default;
  if (found === undefined) return entry;
  const cost =
    entry.usage.inputTokens * (found.inputCostPerMTok ?? 0) +
    entry.usage.outputTokens * (found.outputCostPerMTok ?? 0);
  return { ...entry, costUsd: cost / 1_000_000 };
}
