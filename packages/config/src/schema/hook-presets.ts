/** The names a mapping's `preset` and `gateway.hooks.presets` may have (http.md §8.4); what they stand for the gateway knows. */
export const hookPresetNames = [
  "gmail",
  "github",
  "stripe",
  "grafana",
  "alertmanager",
  "text",
  "json",
] as const;
export type HookPresetName = (typeof hookPresetNames)[number];
