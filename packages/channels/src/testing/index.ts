export type { Behaviour, Received, Receiver } from "./receiver.ts";
export { accepts, answers, inTurn, startReceiver } from "./receiver.ts";
export {
  type DiscordServerOptions,
  discordReplies,
  discordTestToken,
  startDiscordServer,
} from "./vendors/discord-server.ts";
export { breaks, garbage, huge, json, page, type Reply, silence } from "./vendors/reply.ts";
export {
  startTelegramServer,
  type TelegramServerOptions,
  telegramReplies,
  telegramTestToken,
} from "./vendors/telegram-server.ts";
export type { Call, ReceivedFile, Script, VendorServer } from "./vendors/vendor-server.ts";
