import { type Channel, type ChannelRegistry, createConsole, createRegistry } from "@carapace/channels";
import { botAccount, type Config, type ConfigStore } from "@carapace/config";
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
export async function openChannels(deps: ChannelsDeps): Promise<Result<ChannelRegistry>> {
  const { config, log } = deps;
  const { nowMs, newId } = deps.world;
  const built = await Promise.all([webhook(config, nowMs), bot("telegram", deps), bot("discord", deps)]);
  const channels = [createConsole({ log: log.target("console"), newId }), ...built.flat()];
  return createRegistry(channels, { nowMs, log: log.target("channels") });
}

async function webhook(config: ChannelsDeps["config"], nowMs: () => number): Promise<Channel[]> {
  const settings = webhookOf(config.current().config.webhook);
  if (settings === undefined) return [];
  const { createWebhook, guardedPost } = await import("@carapace/channels/webhook");
  return [createWebhook(settings, { post: guardedPost, nowMs })];
}

const bots = {
  telegram: async () => (await import("@carapace/channels/telegram")).createTelegram,
  discord: async () => (await import("@carapace/channels/discord")).createDiscord,
} as const;

async function bot(id: keyof typeof bots, { config, world }: ChannelsDeps): Promise<Channel[]> {
  const { isEnabled, botToken, baseUrl } = botAccount(id, config.current());
  if (!isEnabled || botToken === undefined) return [];
  const create = await bots[id]();
  // Media comes from addresses that others name; which are allowed may change at any time.
  const mediaAddresses = () => addressPolicy(config);
  return [create({ botToken, baseUrl, mediaAddresses, nowMs: world.nowMs })];
}

function webhookOf(webhook: Config["webhook"]) {
  const url = webhook?.url?.trim() ?? "";
  if (webhook === undefined || !webhook.enabled || url === "") return undefined;
  const { headers, secret, allowPrivate } = webhook;
  const said = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value.reveal()] as const],
  );
  return definedOnly({ url, headers: Object.fromEntries(said), secret: secret?.reveal(), allowPrivate });
}
