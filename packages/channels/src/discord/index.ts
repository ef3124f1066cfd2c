/** Apart: only a gateway whose owner set the channel up loads it. */

export type { BotSettings } from "../http/bot-settings.ts";
export type { BotIdentity } from "../http/checked-token.ts";
export { discordRoot } from "./api.ts";
export { checkDiscordToken } from "./check-token.ts";
export { createDiscord } from "./discord.ts";
