import { type Channel, type ChannelRegistry, createConsole, createRegistry } from "@carapace/channels";
import { type BotAccount, botAccount, type Config, type ConfigStore } from "@carapace/config";
import type { Result } from "@carapace/protocol";
import { definedOnly } from "../defined-only.ts";
import type { GatewayLog } from "../log/log.ts";
import { addressPolicy } from "../media/address-policy.ts";
import type { World } from "../types.ts";

export interface ChannelsDeps {
  readonly config: Pick<ConfigStore, "current">;
  readonly world: Pick<World, "nowMs" | "newId">;
  readonly log: Pick<GatewayLog, "target">;
}

/** The channels that the configuration sets up, and the console; made once, at the start (channels.md §1.4). */
export async function openChannels({ config, world, log }: ChannelsDeps): Promise<Result<ChannelRegistry>> {
  const { nowMs, newId } = world;
  const built = await Promise.all([webhook(config, nowMs), telegram(config, nowMs), discord(config, nowMs)]);
  const channels = [createConsole({ log: log.target("console"), newId }), ...built.flat()];
  return createRegistry(channels, { nowMs, log: log.target("channels") });
}

type Building = (config: ChannelsDeps["config"], nowMs: () => number) => Promise<readonly Channel[]>;

const webhook: Building = async (config, nowMs) => {
  const [settings] = webhookOf(config.current().config.webhook);
  if (settings === undefined) return [];
  const { createWebhook, guardedPost } = await import("@carapace/channels/webhook");
  return [createWebhook(settings, { post: guardedPost, nowMs })];
};

const telegram: Building = async (config, nowMs) => {
  const settings = botSettings(botAccount("telegram", config.current()), config);
  if (settings === undefined) return [];
  const { createTelegram } = await import("@carapace/channels/telegram");
  return [createTelegram({ ...settings, nowMs })];
};

const discord: Building = async (config, nowMs) => {
  const settings = botSettings(botAccount("discord", config.current()), config);
  if (settings === undefined) return [];
  const { createDiscord } = await import("@carapace/channels/discord");
  return [createDiscord({ ...settings, nowMs })];
};

/** Media comes from addresses that others name; which are allowed may change at any time. */
function botSettings({ isEnabled, botToken, baseUrl }: BotAccount, config: ChannelsDeps["config"]) {
  if (!isEnabled || botToken === undefined) return undefined;
  return { botToken, baseUrl, mediaAddresses: () => addressPolicy(config) };
}

function webhookOf(webhook: Config["webhook"]) {
  const url = webhook?.url?.trim() ?? "";
  if (webhook === undefined || !webhook.enabled || url === "") return [];
  const { headers, secret, allowPrivate } = webhook;
  const said = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value.reveal()] as const],
  );
  return [definedOnly({ url, headers: Object.fromEntries(said), secret: secret?.reveal(), allowPrivate })];
}
