import { RateLimitError, type RawFile, type REST } from "@discordjs/rest";
import { AllowedMentionsTypes, type RESTPostAPIChannelMessageJSONBody, Routes } from "discord-api-types/v10";
import { z } from "zod";
import type { OutboundContext } from "../adapter.ts";
import type { BotSettings } from "../http/bot-settings.ts";
import { findApi } from "../http/check-token.ts";
import { transient } from "../http/failure.ts";
import { fetchMedia } from "../http/media.ts";
import { refused, type Sender, type Sent, sentOfFault } from "../http/sent.ts";
import { VendorFault } from "../http/vendor-fault.ts";
import { createClient } from "./client.ts";
import { maxLimitMs, maxMediaBytes, maxTextChars } from "./limits.ts";
import { nonceOf } from "./nonce.ts";
import { type Place, placeOf } from "./place.ts";
import { discordVendor } from "./vendor.ts";

/** Sends messages through @discordjs/rest. */
export async function createSender(settings: BotSettings): Promise<Sender> {
  const api = await findApi(discordVendor, settings);
  if (!api.ok) return { send: async () => refused(api.failure.error) };
  let client = createClient(settings, api.value);
  return {
    async send(context, signal) {
      const place = placeOf(context);
      if (typeof place === "string") return refused(place);
      try {
        return await sendTo(place, { context, client, settings, signal });
      } catch (error) {
        if (error instanceof VendorFault) return sentOfFault(error);
        if (error instanceof RateLimitError) {
          // What it believes of its limits is forgotten, or it would believe it for as long as the gateway runs.
          if (error.timeToReset > maxLimitMs) client = createClient(settings, api.value);
          return notYet(error.timeToReset);
        }
        // Whatever was on its way is told by a fault: this one was called off while it waited for those before it.
        if (signal.aborted) return calledOff;
        throw error;
      }
    },
  };
}

interface Sending {
  readonly context: OutboundContext;
  readonly client: REST;
  readonly settings: BotSettings;
  readonly signal: AbortSignal;
}

async function sendTo(place: Place, { context, client, settings, signal }: Sending): Promise<Sent> {
  const { text, mediaUrl } = context;
  if (mediaUrl === undefined && text.trim() === "") return refused("Discord: the message is empty");
  if (text.length > maxTextChars) return refused(`Discord: a message has at most ${maxTextChars} characters`);
  const files = mediaUrl === undefined ? [] : await fileOf(mediaUrl, { context, settings, signal });
  if (!Array.isArray(files)) return files;
  const { channelId, ...reference } = place;
  const body = {
    ...(text === "" ? {} : { content: text }),
    ...(files.length === 0 ? {} : { attachments: files.map(({ name }, id) => ({ id, filename: name })) }),
    ...reference,
    // The same again within some minutes is the same message.
    nonce: nonceOf(context.idempotencyKey),
    enforce_nonce: true,
    // What a model writes may call a person, never everybody: `@everyone` and roles stay words.
    allowed_mentions: { parse: [AllowedMentionsTypes.User], replied_user: true },
  } satisfies RESTPostAPIChannelMessageJSONBody;
  // The library's queue does not look at a signal that has ended already.
  if (signal.aborted) return calledOff;
  const options = { body, signal, versioned: false, ...(files.length === 0 ? {} : { files }) };
  return sent(await client.post(Routes.channelMessages(channelId), options));
}

async function fileOf(
  mediaUrl: string,
  { context, settings, signal }: Omit<Sending, "client">,
): Promise<RawFile[] | Sent> {
  const limits = { maxBytes: maxMediaBytes, addresses: settings.mediaAddresses?.(), signal };
  const media = await fetchMedia(mediaUrl, limits);
  if (!media.ok) return { result: media };
  const { bytes: data, fileName: name, mimeType } = media.value;
  const contentType = context.mimeType ?? mimeType ?? "application/octet-stream";
  return [{ data, name, contentType }];
}

const Id = z.string().regex(/^\d{1,20}$/);
const Message = z.object({ id: Id, channel_id: Id.optional() });

function sent(answer: unknown): Sent {
  const message = Message.safeParse(answer);
  // It was taken, whatever the answer looks like.
  if (!message.success) return { result: { ok: true } };
  const { id: messageId, channel_id: conversationId } = message.data;
  return { result: { ok: true, messageId, ...(conversationId === undefined ? {} : { conversationId }) } };
}

function notYet(waitMs: number): Sent {
  const retryAfterMs = waitMs > maxLimitMs ? 0 : Math.max(0, Math.ceil(waitMs));
  const error = "Discord: as many messages as may be sent at a time have been sent";
  return { result: transient(error, retryAfterMs) };
}

const calledOff: Sent = { result: transient("Discord: called off before it was sent") };
