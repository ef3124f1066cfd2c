import type { SettingRepository, UsageDay } from "@carapace/state";

const settingName = "usage.enabled";

/** Whether usage is recorded; the owner's choice outlives restarts (websocket.md §12.9). */
export interface UsageTracking {
  isEnabled(): boolean;
  enable(enabled: boolean): Promise<void>;
  /** Whether any of these rows has a price, so that a cost of 0 would mean that nothing was spent. */
  hasPrices(rows: readonly UsageDay[]): boolean;
}

export async function loadUsageTracking(
  settings: SettingRepository,
  arePricesConfigured: () => boolean,
): Promise<UsageTracking> {
  let isEnabled = (await settings.get(settingName)) !== false;
  return {
    isEnabled: () => isEnabled,
    async enable(enabled) {
      await settings.set(settingName, enabled);
      isEnabled = enabled;
    },
    hasPrices: (rows) => arePricesConfigured() || rows.some((row) => row.costUsd > 0),
  };
}
