import { type Api, HttpError, InputFile } from "grammy/web";
import { z } from "zod";
import type { OutboundContext } from "../adapter.ts";
import type { BotSettings } from "../http/bot-settings.ts";
import { findApi } from "../http/check-token.ts";
import { fetchMedia } from "../http/media.ts";
import { refused, type Sender, type Sent, sentOfFault } from "../http/sent.ts";
import { VendorFault } from "../http/vendor-fault.ts";
import { createClient } from "./client.ts";
import { maxCaptionChars, maxMediaBytes, maxTextChars } from "./limits.ts";
import { type Place, placeOf } from "./place.ts";
import { telegramVendor } from "./vendor.ts";

/** Sends messages through grammY's client. */
export async function createSender(settings: BotSettings): Promise<Sender> {
  const api = await findApi(telegramVendor, settings);
  if (!api.ok) return { send: async () => refused(api.failure.error) };
  return {
    async send(context, signal) {
      const place = placeOf(context);
      if (typeof place === "string") return refused(place);
      try {
        const client = createClient(settings, { api: api.value, signal });
        return await sendTo(place, { context, client, settings, signal });
      } catch (error) {
        const cause = error instanceof HttpError ? error.error : error;
        if (cause instanceof VendorFault) return sentOfFault(cause);
        throw error;
      }
    },
  };
}

interface Sending {
  readonly context: OutboundContext;
  readonly client: Api;
  readonly settings: BotSettings;
  readonly signal: AbortSignal;
}

async function sendTo(place: Place, { context, client, settings, signal }: Sending): Promise<Sent> {
  const { text, mediaUrl } = context;
  const { chatId, other } = place;
  if (mediaUrl === undefined) {
    if (text.trim() === "") return refused("Telegram: the message is empty");
    if (text.length > maxTextChars)
      return refused(`Telegram: a message has at most ${maxTextChars} characters`);
    return sent(await client.sendMessage(chatId, text, other));
  }
  if (text.length > maxCaptionChars)
    return refused(`Telegram: a caption has at most ${maxCaptionChars} characters`);
  const limits = { maxBytes: maxMediaBytes, addresses: settings.mediaAddresses?.(), signal };
  const media = await fetchMedia(mediaUrl, limits);
  if (!media.ok) return { result: media };
  const file = new InputFile(media.value.bytes, media.value.fileName);
  const caption = text === "" ? {} : { caption: text };
  return sent(await client.sendDocument(chatId, file, { ...caption, ...other }));
}

const Message = z.object({ message_id: z.int(), chat: z.object({ id: z.int() }) });

function sent(answer: unknown): Sent {
  const message = Message.safeParse(answer);
  // It was taken, whatever the answer looks like.
  if (!message.success) return { result: { ok: true } };
  const { message_id: messageId, chat } = message.data;
  return { result: { ok: true, messageId: String(messageId), conversationId: String(chat.id) } };
}
