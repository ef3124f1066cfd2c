import { Secret } from "@carapace/config";
import type { Channel } from "../adapter.ts";
import { createConsole } from "../console/console.ts";
import { createDiscord } from "../discord/discord.ts";
import { createTelegram } from "../telegram/telegram.ts";
import { answers, startReceiver } from "../testing/receiver.ts";
import { discordReplies, discordTestToken, startDiscordServer } from "../testing/vendors/discord-server.ts";
import { breaks, type Reply } from "../testing/vendors/reply.ts";
import {
  startTelegramServer,
  telegramReplies,
  telegramTestToken,
} from "../testing/vendors/telegram-server.ts";
import type { VendorServer } from "../testing/vendors/vendor-server.ts";
import { guardedPost } from "../webhook/guarded-post.ts";
import { createWebhook } from "../webhook/webhook.ts";

/** What goes wrong at the other end of the next call, in a vendor's own words. */
export type Trouble = "refused" | "limited for 7 s" | "server error" | "hangs up";

/** The other end of a channel that has one. */
interface Wire {
  /** What came in, each as one text. */
  readonly received: () => readonly string[];
  next(trouble: Trouble): void;
  /** From now on nobody is there. */
  close(): Promise<void>;
}

/** A channel to be put through the suite. */
export interface Rig extends AsyncDisposable {
  readonly channel: Channel;
  /** A receiver that is there. */
  readonly to: string;
  readonly wire?: Wire;
  /** What no sentence may hold. */
  readonly secrets: readonly string[];
}

/** Every channel there is; a new one is added here. */
export const rigs: Readonly<Record<string, () => Promise<Rig>>> = {
  async console() {
    const channel = createConsole({ log: { info: () => undefined }, newId: () => crypto.randomUUID() });
    return { channel, to: "me", secrets: [], [Symbol.asyncDispose]: async () => undefined };
  },
  async webhook() {
    const receiver = await startReceiver();
    const settings = { url: receiver.url, headers: {}, secret: "s3cret-s3cret", allowPrivate: true };
    const troubles = {
      refused: answers(400),
      "limited for 7 s": answers(429, { "retry-after": "7" }),
      "server error": answers(500),
      "hangs up": (response: { destroy(): void }) => response.destroy(),
    };
    const close = async () => await receiver[Symbol.asyncDispose]();
    return {
      channel: createWebhook(settings, { post: guardedPost, nowMs: Date.now }),
      to: "me",
      wire: {
        received: () => receiver.requests.map(({ key, body }) => `${key} ${body}`),
        next: (trouble) => receiver.behave(troubles[trouble]),
        close,
      },
      secrets: ["s3cret-s3cret", "127.0.0.1"],
      [Symbol.asyncDispose]: close,
    };
  },
  async telegram() {
    const server = await startTelegramServer();
    const settings = { botToken: new Secret(telegramTestToken), baseUrl: server.baseUrl };
    return vendorRig(server, {
      channel: createTelegram(settings),
      to: "-1001234567890",
      secret: telegramTestToken,
      troubles: {
        refused: telegramReplies.chatNotFound,
        "limited for 7 s": telegramReplies.tooMany(7),
        "server error": telegramReplies.serverError,
      },
    });
  },
  async discord() {
    const server = await startDiscordServer();
    const settings = { botToken: new Secret(discordTestToken), baseUrl: server.baseUrl };
    return vendorRig(server, {
      channel: createDiscord(settings),
      to: "1200000000000000001",
      secret: discordTestToken,
      troubles: {
        refused: discordReplies.unknownChannel,
        "limited for 7 s": discordReplies.tooMany(7),
        "server error": discordReplies.serverError,
      },
    });
  },
};

interface VendorParts extends Pick<Rig, "channel" | "to"> {
  readonly secret: string;
  readonly troubles: Readonly<Record<Exclude<Trouble, "hangs up">, Reply>>;
}

function vendorRig(server: VendorServer, { channel, to, secret, troubles }: VendorParts): Rig {
  const close = async () => await server[Symbol.asyncDispose]();
  const sends = () => server.calls.filter(({ verb }) => verb === "POST");
  const wire: Wire = {
    received: () => sends().map(({ path, fields }) => JSON.stringify({ path, fields })),
    next: (trouble) => server.replyWith({ ...troubles, "hangs up": breaks }[trouble]),
    close,
  };
  return { channel, to, wire, secrets: [secret, "127.0.0.1"], [Symbol.asyncDispose]: close };
}
