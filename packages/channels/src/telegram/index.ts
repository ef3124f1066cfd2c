/** Apart: only a gateway whose owner set the channel up loads it. */

export type { BotIdentity } from "../http/checked-token.ts";
export type { BotSettings } from "../http/vendor-settings.ts";
export { telegramRoot } from "./api.ts";
export { checkTelegramToken } from "./check-token.ts";
export { createTelegram } from "./telegram.ts";
