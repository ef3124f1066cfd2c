import { type ChannelRegistry, createConsole, createRegistry } from "@carapace/channels";
import type { Config, ConfigStore } from "@carapace/config";
import type { Result } from "@carapace/protocol";
import { definedOnly } from "../defined-only.ts";
import type { GatewayLog } from "../log/log.ts";
import type { World } from "../types.ts";

export interface ChannelsDeps {
  readonly config: Pick<ConfigStore, "current">;
  readonly world: Pick<World, "nowMs" | "newId">;
  readonly log: Pick<GatewayLog, "target">;
}

/** The channels that the configuration sets up, and the console; made once, at the start (channels.md §1.4). */
export async function openChannels({ config, world, log }: ChannelsDeps): Promise<Result<ChannelRegistry>> {
  const { nowMs, newId } = world;
  const webhooks = webhookOf(config.current().config.webhook).map(async (settings) => {
    const { createWebhook, guardedPost } = await import("@carapace/channels/webhook");
    return createWebhook(settings, { post: guardedPost, nowMs });
  });
  const channels = [createConsole({ log: log.target("console"), newId }), ...(await Promise.all(webhooks))];
  return createRegistry(channels, { nowMs, log: log.target("channels") });
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
