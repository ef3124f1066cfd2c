import type { Config } from "@carapace/config";
import type { SettingRepository, UsageDay } from "@carapace/state";
import { arePricesConfigured, isPriced } from "./price.ts";

const settingName = "usage.enabled";

/** Whether usage is recorded; the owner's choice outlives restarts (websocket.md §12.9). */
export interface UsageTracking {
  isEnabled(): boolean;
  enable(enabled: boolean): Promise<void>;
  /** Whether any of these rows has a price, so that a cost of 0 would mean that nothing was spent. */
  hasPrices(rows: readonly UsageDay[]): boolean;
  /** Why nobody knows what these rows cost, in a sentence without its end; undefined if that is known. */
  uncounted: Uncounted;
}

/** Says why a limit of money cannot be kept: nobody counts, or a model that was used has no price. */
export type Uncounted = (rows: readonly UsageDay[]) => string | undefined;

export async function loadUsageTracking(
  settings: SettingRepository,
  pricing: () => Config["usage"]["pricing"],
): Promise<UsageTracking> {
  let isEnabled = (await settings.get(settingName)) !== false;
  return {
    isEnabled: () => isEnabled,
    async enable(enabled) {
      await settings.set(settingName, enabled);
      isEnabled = enabled;
    },
    hasPrices: (rows) => arePricesConfigured(pricing()) || rows.some((row) => row.costUsd > 0),
    uncounted(rows) {
      if (!isEnabled) return "nobody counts what it costs: the recording of usage is off (usage.enable)";
      const free = rows.find(({ model }) => !isPriced(model, pricing()));
      if (free === undefined) return undefined;
      return `nobody knows what the model ${free.model} costs: give it a price in usage.pricing, 0 if it is free`;
    },
  };
}
