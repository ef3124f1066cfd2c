/** Apart: only a gateway whose owner set the channel up loads it. */

export type { BotSettings } from "../http/bot-settings.ts";
export type { BotIdentity } from "../http/checked-token.ts";
export { telegramRoot } from "./api.ts";
export { checkTelegramToken } from "./check-token.ts";
export { createTelegram } from "./telegram.ts";
