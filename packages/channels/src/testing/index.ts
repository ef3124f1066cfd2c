export { accepts, answers, inTurn, startReceiver } from "./receiver.ts";
export {
  discordReplies,
  discordTestToken,
  startDiscordServer,
} from "./vendors/discord-server.ts";
export { breaks, json, page, type Reply, silence } from "./vendors/reply.ts";
export {
  startTelegramServer,
  telegramReplies,
  telegramTestToken,
} from "./vendors/telegram-server.ts";
export type { VendorServer } from "./vendors/vendor-server.ts";
