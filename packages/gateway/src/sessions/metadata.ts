import type { MetadataParams } from "@carapace/protocol";
import type { SessionMetadata } from "@carapace/state";
import { definedOnly } from "../defined-only.ts";

/**
 * What a session shall remember of a request. A model named on its own takes the place of a route named before, which
 * would beat it in every later turn (agent.md §5); a blank route counts as none.
 */
export function overStored(said: SessionMetadata, stored: SessionMetadata | undefined): SessionMetadata {
  const isRouteOver = said.model !== undefined && said.route === undefined && stored?.route !== undefined;
  return isRouteOver ? { ...said, route: "" } : said;
}

/**
 * What a request says of its session. Only a registered channel counts, lower-cased; a route beats a model.
 * @param channels Ids of registered channels.
 */
export function metadataFrom(params: MetadataParams, channels: ReadonlySet<string>): SessionMetadata {
  const channel = params.channel?.toLowerCase();
  return definedOnly({
    name: params.label,
    description: params.description,
    agentId: params.agentId,
    channel: channel !== undefined && channels.has(channel) ? channel : undefined,
    chatId: params.chatId,
    userId: params.userId,
    route: params.route,
    model: params.route === undefined ? params.model : undefined,
    thinkingLevel: params.thinkingLevel,
    tags: params.tags,
    extra: params.extra,
  });
}
