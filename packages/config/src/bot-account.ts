import { isRecord } from "./record.ts";
import { type Secret, secretOf } from "./secret.ts";
import type { ConfigSnapshot } from "./types.ts";

/** Channels that send with a bot's token. */
export type BotChannelId = "telegram" | "discord";

/** The account that a bot's channel is built from (channels.md §1.4). */
export interface BotAccount {
  /** Not switched off by its kill switch. */
  readonly isEnabled: boolean;
  readonly botToken?: Secret;
  /** Without a trailing slash. */
  readonly baseUrl: string;
}

/** The variables of each, where the file says nothing. */
export const botVariables = {
  telegram: { token: "TELEGRAM_BOT_TOKEN", url: "TELEGRAM_BASE_URL" },
  discord: { token: "DISCORD_BOT_TOKEN", url: "DISCORD_BASE_URL" },
} as const satisfies Record<BotChannelId, { token: string; url: string }>;

/** The vendors' own addresses. */
export const botVendors = {
  telegram: "https://api.telegram.org",
  discord: "https://discord.com/api/v10",
} as const satisfies Record<BotChannelId, string>;

/** The file's keys first, then the variables: a token in the environment alone is enough. */
export function botAccount(
  id: BotChannelId,
  { config, resolved, lookup }: Pick<ConfigSnapshot, "config" | "resolved" | "lookup">,
): BotAccount {
  const section = config[id];
  // The typed section has the vendor's address where the file says nothing; a variable comes before that.
  const isWritten = isRecord(resolved[id]) && filled(resolved[id]["baseUrl"]) !== undefined;
  const written = isWritten ? filled(section?.baseUrl) : undefined;
  const baseUrl = written ?? filled(lookup(botVariables[id].url)) ?? botVendors[id];
  const botToken = section?.botToken ?? secretOf(lookup(botVariables[id].token));
  return {
    isEnabled: section?.enabled !== false,
    baseUrl: baseUrl.replace(/\/+$/, ""),
    ...(botToken === undefined ? {} : { botToken }),
  };
}

function filled(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
