import type { Channel } from "@carapace/channels";
import type { BotIdentity, BotSettings } from "@carapace/channels/telegram";
import { type Secret, secretOf } from "@carapace/config";
import type { Result } from "@carapace/protocol";
import type { Subject } from "../types.ts";

/** A channel that sends as a bot, and where its settings stand. */
export interface Bot {
  readonly id: "discord" | "telegram";
  readonly label: string;
  readonly tokenVariable: string;
  readonly urlVariable: string;
  /** Names the destination on the command line. */
  readonly option: string;
  readonly adapter: () => Promise<BotAdapter>;
  readonly advice: BotAdvice;
}

/** The outbound half of a channel. */
export interface BotAdapter {
  readonly checkToken: (settings: BotSettings, signal: AbortSignal) => Promise<Result<BotIdentity>>;
  readonly create: (settings: BotSettings) => Channel;
}

interface BotAdvice {
  readonly newToken: string;
  readonly destination: string;
  /** By the status that the vendor refused the message with. */
  readonly refused: Readonly<Record<number, string>>;
}

export const telegram: Bot = {
  id: "telegram",
  label: "Telegram",
  tokenVariable: "TELEGRAM_BOT_TOKEN",
  urlVariable: "TELEGRAM_BASE_URL",
  option: "--telegram-to",
  async adapter() {
    const { checkToken, createTelegram, telegramVendor } = await import("@carapace/channels/telegram");
    return { checkToken: (...asked) => checkToken(telegramVendor, ...asked), create: createTelegram };
  },
  advice: {
    newToken: "get the token from @BotFather in Telegram (/mybots, API Token; /newbot makes a bot)",
    destination: "a chat's number, such as 123456789, or the @name of a public channel",
    refused: {
      400: "write to the bot in Telegram first (a bot cannot begin a chat), and check the number after --telegram-to",
      403: "unblock the bot, or make it a member of the group (of a channel: an administrator)",
    },
  },
};

export const discord: Bot = {
  id: "discord",
  label: "Discord",
  tokenVariable: "DISCORD_BOT_TOKEN",
  urlVariable: "DISCORD_BASE_URL",
  option: "--discord-to",
  async adapter() {
    const { checkToken, createDiscord, discordVendor } = await import("@carapace/channels/discord");
    return { checkToken: (...asked) => checkToken(discordVendor, ...asked), create: createDiscord };
  },
  advice: {
    newToken: "get the token in Discord's Developer Portal (your application, Bot, Reset Token)",
    destination: "a channel's id: right-click the channel, Copy Channel ID (developer mode must be on)",
    refused: {
      403: "invite the bot to that server, and let it view the channel and send messages there",
      404: "check the id after --discord-to: it must be a channel (not a server or a person) that the bot can see",
    },
  },
};

/** The token as verify takes it: the environment first, then the configuration (cli.md §3.12). */
export interface FoundToken {
  readonly token: Secret;
  readonly source: string;
  /** What its owner should know of it; empty, or goes on after the source. */
  readonly note: string;
}

export function tokenOf(
  { id, tokenVariable }: Bot,
  { snapshot }: Pick<Subject, "snapshot">,
): FoundToken | undefined {
  const section = snapshot.config[id];
  const variable = secretOf(snapshot.lookup(tokenVariable) ?? "");
  const own = section?.botToken;
  const off = section?.enabled === false ? `; ${id}.enabled is false, so the gateway does not use it` : "";
  if (variable === undefined)
    return own === undefined ? undefined : { token: own, source: `${id}.botToken`, note: off };
  const isOther = own !== undefined && own.reveal().trim() !== variable.reveal().trim();
  const other = isOther ? `; ${id}.botToken is another one, and the gateway uses that` : "";
  return { token: variable, source: tokenVariable, note: `${other}${off}` };
}
