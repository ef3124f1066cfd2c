import type { Config } from "@carapace/config";
import type { UsageEntry } from "@carapace/state";

type Pricing = Config["usage"]["pricing"];

/** Whether the owner set any price. */
export function arePricesConfigured({ default: fallback, overrides }: Pricing): boolean {
  return fallback !== undefined || overrides.length > 0;
}

/** Fills in what a model call cost (agent.md §14): an exact match, then a partial one, then the default; else 0. Pure. */
export function price(entry: UsageEntry, pricing: Pricing): UsageEntry {
  const found = priceOf(entry.model, pricing);
  if (found === undefined) return entry;
  const cost =
    entry.usage.inputTokens * (found.inputCostPerMTok ?? 0) +
    entry.usage.outputTokens * (found.outputCostPerMTok ?? 0);
  return { ...entry, costUsd: cost / 1_000_000 };
}

/** Whether the cost of this model's calls is known, be it 0. Pure. */
export function isPriced(model: string, pricing: Pricing): boolean {
  return model.startsWith("offline:") || priceOf(model, pricing) !== undefined;
}

function priceOf(name: string, pricing: Pricing) {
  const model = name.toLowerCase();
  const matches = (override: Pricing["overrides"][number], type: "exact" | "contains") => {
    const text = (override.match ?? "").toLowerCase();
    if (text === "" || (override.matchType ?? "contains") !== type) return false;
    return type === "exact" ? model === text : model.includes(text);
  };
  return (
    pricing.overrides.find((override) => matches(override, "exact")) ??
    pricing.overrides.find((override) => matches(override, "contains")) ??
    pricing.default
  );
}
