import { z } from "zod";
import { botVendors } from "../bot-account.ts";
import { flag, guarded, key, part, secret, section, text, textOr, word } from "./kit.ts";

const restart = { effect: "restart" } as const;
const error = { wrong: "error" } as const;
const on = key(z.boolean().default(true), "Use this channel.");
const strictFlag = (description: string) => key(z.boolean().default(true), description, error);
const accountText = (description: string) =>
  key(z.string().nullish(), description, { ...error, ...guarded, expected: "a text or null" });
const allowed = (description: string) =>
  key(z.array(z.string()).max(1024).default([]), description, {
    ...error,
    expected: "a list of at most 1024 texts",
  });

const matrix = part(
  {
    enabled: strictFlag("Use this channel."),
    homeserverUrl: accountText("Home server."),
    userId: accountText("Account, @name:server."),
    accessToken: secret("Access token; needs deviceId."),
    deviceId: accountText("Device of the access token."),
    password: secret("Password of the first sign-in."),
    storePassphrase: secret("Key of the encrypted store."),
    encrypted: strictFlag("End-to-end encryption."),
    autoJoin: section(
      {
        allowUsers: allowed("Accounts whose invitations are accepted."),
        allowServerNames: allowed("Servers whose invitations are accepted."),
      },
      "Invitations.",
      error,
    ),
    inboundDlq: section(
      { legacyEnvelopePolicy: word(["accept", "refuse"], "What to do with old dead-letter records.", error) },
      "Messages that could not be handled.",
      { ...error, ...guarded },
    ),
  },
  "Matrix.",
  { ...restart, ...error },
);

/** Channel accounts (config.md §13.4). */
export const channelAccounts = {
  signal: part(
    {
      enabled: on,
      baseUrl: text("Address of the signal-cli REST service.", guarded),
      phoneNumber: text("Own number."),
    },
    "Signal.",
    restart,
  ),
  telegram: part(
    {
      enabled: on,
      botToken: secret("Bot token."),
      webhookSecret: secret("Secret of the webhook; absent: long polling."),
      baseUrl: textOr(botVendors.telegram, "Bot API.", guarded),
    },
    "Telegram.",
    restart,
  ),
  discord: part(
    {
      enabled: on,
      botToken: secret("Bot token."),
      baseUrl: textOr(botVendors.discord, "REST API.", guarded),
      gatewayEnabled: key(z.boolean().default(true), "Receive messages."),
      gatewayIntents: key(z.int().nonnegative().default(37377), "Bit mask of the events to receive."),
      gatewayUrl: text("Another event socket.", guarded),
    },
    "Discord.",
    restart,
  ),
  slack: part(
    {
      enabled: on,
      botToken: secret("Bot token."),
      signingSecret: secret("Signing secret of the Events API.", { effect: "live" }),
      baseUrl: textOr("https://slack.com/api", "Web API.", guarded),
    },
    "Slack.",
    restart,
  ),
  matrix,
  webhook: part(
    {
      enabled: on,
      url: text("Where messages are posted to; https.", guarded),
      headers: key(
        z.record(z.string(), secret("Value of a header.")).default({}),
        "Sent with every message; the values are kept like secrets.",
        { expected: "an object" },
      ),
      secret: secret("Signs every message, so that the receiver can tell who sent it."),
      allowPrivate: flag(false, "Let the address lead to this machine or its network.", guarded),
    },
    "Posts messages to an address of yours.",
    restart,
  ),
};
