import { type ConfigSnapshot, errorsOf, type Secret } from "@carapace/config";
import { isOfMatrix } from "./configuration.ts";
import type { ProvenOutcome } from "./types.ts";

/** The outcome that a configuration is made for (cli.md §3.12 *Auto*). Pure. */
export function chooseOutcome({ config, issues }: ConfigSnapshot): ProvenOutcome {
  if (isUsable(config.discord)) return "discord";
  if (isUsable(config.telegram)) return "telegram";
  if (config.matrix?.enabled === true && !errorsOf(issues).some(isOfMatrix)) return "matrix";
  return config.gateway.hooks.enabled ? "hooks" : "local-chat";
}

interface Bot {
  readonly enabled: boolean;
  readonly botToken?: Secret | undefined;
}

function isUsable(bot: Bot | undefined): boolean {
  return bot?.enabled === true && (bot.botToken?.reveal() ?? "").trim() !== "";
}
