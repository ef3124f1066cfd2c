import type { Channel } from "../adapter.ts";
import { botChannel } from "../http/bot-channel.ts";
import type { BotSettings } from "../http/bot-settings.ts";
import { askWhoIAm } from "../http/check-token.ts";
import { maxCaptionChars, maxTextChars } from "./limits.ts";
import { telegramVendor } from "./vendor.ts";

/** Sends through Telegram's Bot API (channels.md §3). */
export function createTelegram(settings: BotSettings): Channel {
  return botChannel({
    info: {
      id: "telegram",
      label: "Telegram",
      selectionLabel: "Telegram (Bot API)",
      docsPath: "telegram.md",
      blurb: "Sends messages as a Telegram bot; receives none yet.",
      order: 20,
    },
    capabilities: { chatTypes: ["dm", "group", "channel"], media: true, reply: true, threads: true },
    // The Bot API has nothing to tell a repeated message by.
    dedupes: false,
    maxTextChars,
    maxCaptionChars,
    check: (signal) => askWhoIAm(telegramVendor, settings, signal),
    load: async () => (await import("./sender.ts")).createSender(settings),
  });
}
