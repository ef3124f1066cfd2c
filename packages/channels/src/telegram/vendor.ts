import { parseJson } from "@carapace/protocol";
import { z } from "zod";
import type { BotVendor } from "../http/bot-vendor.ts";

export const telegramVendor: BotVendor = {
  id: "telegram",
  label: "Telegram",
  isTokenShaped: (token) => /^\d{1,20}:[\w-]{1,128}$/.test(token),
  notAToken:
    "Telegram: that is not a bot token: @BotFather gives one like 123456:ABC-DEF; write it with cara secrets set telegram.botToken",
  whoAmI: (root, token) => ({ url: `${root}/bot${token}/getMe` }),
  botIn(result) {
    const user = User.safeParse(result);
    if (!user.success) return undefined;
    const { id, username, first_name: name = "" } = user.data;
    return { id: String(id), name: username === undefined ? name : `@${username}` };
  },
  read: readTelegram,
};

const User = z.object({
  id: z.int(),
  username: z.string().optional(),
  first_name: z.string().optional(),
});

/** Every answer of the Bot API (https://core.telegram.org/bots/api#making-requests). */
const Answer = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({
    ok: z.literal(false),
    description: z.string().optional(),
    parameters: z
      .object({ retry_after: z.number().optional(), migrate_to_chat_id: z.number().optional() })
      .optional(),
  }),
]);

function readTelegram(answer: Parameters<BotVendor["read"]>[0]): ReturnType<BotVendor["read"]> {
  const nothing = { isVendors: false, isDone: false };
  if (answer.kind === "none") return nothing;
  const read = Answer.safeParse(parseJson(new TextDecoder().decode(answer.bytes)));
  if (!read.success) return nothing;
  if (read.data.ok) return { isVendors: true, isDone: true, result: read.data.result };
  const { description, parameters } = read.data;
  const moved = parameters?.migrate_to_chat_id;
  const sentence =
    moved === undefined
      ? description
      : `${description ?? "the group has moved"}; write to ${moved} from now on`;
  return { isVendors: true, isDone: false, sentence, retryAfterSeconds: parameters?.retry_after };
}
