import type { Collector } from "../plan/collector.ts";
import type { TargetKey } from "../plan/settings.ts";
import { entriesAt, type TreeObject, valueAt } from "../read/tree.ts";

interface ChannelFields {
  readonly channel: "telegram" | "discord" | "slack";
  /** Its names there, and our keys. */
  readonly fields: Readonly<Record<string, TargetKey>>;
  /** What it has that is not taken over, and why. */
  readonly skipped: Readonly<Record<string, string>>;
}

const channels: readonly ChannelFields[] = [
  {
    channel: "telegram",
    fields: { botToken: "telegram.botToken" },
    skipped: { tokenFile: "refers to a file, which is not read", webhookSecret: "webhooks are set up anew" },
  },
  { channel: "discord", fields: { token: "discord.botToken" }, skipped: {} },
  {
    channel: "slack",
    fields: { botToken: "slack.botToken", signingSecret: "slack.signingSecret" },
    skipped: { appToken: "socket mode is not used here", userToken: "only the bot's token is used here" },
  },
];

const known: readonly string[] = ["defaults", ...channels.map(({ channel }) => channel)];

/** Offers the accounts of `channels`: those of older files stand there directly, those of newer ones in `accounts`. */
export function offerChannels(tree: TreeObject, where: string, collector: Collector): void {
  for (const one of channels) offerChannel(one, { tree, where }, collector);
  for (const [name] of entriesAt(tree, "channels")) {
    if (known.includes(name)) continue;
    collector.skip(`${where} channels.${name}`, "a channel that is set up anew, if this program has it");
  }
}

function offerChannel(
  { channel, fields, skipped }: ChannelFields,
  { tree, where }: { readonly tree: TreeObject; readonly where: string },
  collector: Collector,
): void {
  const accounts = entriesAt(tree, "channels", channel, "accounts");
  const chosen = accounts.find(([id]) => id === "default") ?? accounts[0];
  const places: (readonly string[])[] = [[channel], ...(chosen ? [[channel, "accounts", chosen[0]]] : [])];
  const counted = places.flatMap((place) =>
    Object.entries(fields).map(([field, key]) => {
      const from = `${where} ${["channels", ...place, field].join(".")}`;
      return collector.offer({ from, key, value: valueAt(tree, "channels", ...place, field) });
    }),
  );
  for (const place of places) {
    for (const [field, reason] of Object.entries(skipped)) {
      const path = ["channels", ...place, field];
      if (valueAt(tree, ...path) !== undefined) collector.skip(`${where} ${path.join(".")}`, reason);
    }
  }
  for (const [id] of accounts) {
    if (id === chosen?.[0]) continue;
    collector.skip(`${where} channels.${channel}.accounts.${id}`, "a channel has one account here");
  }
  const isOff = places.some((place) => valueAt(tree, "channels", ...place, "enabled") === false);
  if (isOff && counted.includes(true)) collector.switchOff(`${where} channels.${channel}.enabled`, channel);
}
