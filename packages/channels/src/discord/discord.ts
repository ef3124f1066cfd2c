import type { Channel } from "../adapter.ts";
import { botChannel } from "../http/bot-channel.ts";
import type { BotSettings } from "../http/bot-settings.ts";
import { askWhoIAm } from "../http/check-token.ts";
import { dedupesForMs, maxTextChars } from "./limits.ts";
import { discordVendor } from "./vendor.ts";

/** Sends through Discord's REST API (channels.md §4). */
export function createDiscord(settings: BotSettings): Channel {
  return botChannel({
    info: {
      id: "discord",
      label: "Discord",
      selectionLabel: "Discord (bot)",
      docsPath: "discord.md",
      blurb: "Sends messages as a Discord bot; receives none yet.",
      order: 30,
    },
    capabilities: {
      chatTypes: ["dm", "group", "channel", "thread"],
      media: true,
      reply: true,
      threads: true,
    },
    dedupes: true,
    dedupesForMs,
    maxTextChars,
    maxCaptionChars: maxTextChars,
    check: (signal) => askWhoIAm(discordVendor, settings, signal),
    load: async () => (await import("./sender.ts")).createSender(settings),
  });
}
