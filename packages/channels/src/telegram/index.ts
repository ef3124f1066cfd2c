/** Apart: only a gateway whose owner set the channel up loads it. */

export type { BotSettings } from "../http/bot-settings.ts";
export { checkToken } from "../http/check-token.ts";
export type { BotIdentity } from "../http/checked-token.ts";
export { createTelegram } from "./telegram.ts";
export { telegramVendor } from "./vendor.ts";
