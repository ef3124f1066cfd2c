import type { VariablesFile } from "../read/gather.ts";
import type { Collector } from "./collector.ts";
import type { TargetKey } from "./settings.ts";

/** Which of our keys a variable sets. */
export type VariableTargets = Readonly<Record<string, TargetKey>>;

/** Names that most programs share. */
export const providerVariables: VariableTargets = {
  ANTHROPIC_API_KEY: "anthropic.apiKey",
  OPENAI_API_KEY: "openai.apiKey",
  NEARAI_API_KEY: "nearai.apiKey",
  VENICE_API_KEY: "venice.apiKey",
  GOOGLE_API_KEY: "google.apiKey",
  GEMINI_API_KEY: "google.apiKey",
};

export const channelVariables: VariableTargets = {
  TELEGRAM_BOT_TOKEN: "telegram.botToken",
  DISCORD_BOT_TOKEN: "discord.botToken",
  SLACK_BOT_TOKEN: "slack.botToken",
};

/** Offers what a file of variables has, in its order. */
export function offerVariables(
  { name: file, variables }: Pick<VariablesFile, "name" | "variables">,
  targets: VariableTargets,
  collector: Collector,
): void {
  for (const [name, value] of variables) {
    const key = Object.hasOwn(targets, name) ? targets[name] : undefined;
    if (key !== undefined) collector.offer({ from: `${file} ${name}`, key, value });
  }
}
