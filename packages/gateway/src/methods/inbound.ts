import type { TurnParams } from "@carapace/protocol";
import { definedOnly } from "../defined-only.ts";
import type { Inbound } from "../ingress/types.ts";
import { namedKey } from "../sessions/find.ts";
import { metadataFrom } from "../sessions/metadata.ts";
import type { ConnectionView } from "../types.ts";

/**
 * A message of a connection, which is the owner's (websocket.md §12.3). One that names no session is for that of
 * `sessions.switch`.
 * @param channels Ids of the registered ones: a session belongs to no other.
 */
export function inboundOf(
  params: TurnParams,
  connection: ConnectionView,
  channels: ReadonlySet<string>,
): Inbound {
  const { deviceId, client, defaultSessionKey } = connection;
  const chatId = params.chatId ?? params.to;
  return {
    runId: params.idempotencyKey,
    origin: { kind: "owner", ref: deviceId ?? client.id },
    message: params.message,
    session: { id: params.sessionId, name: namedKey(params) ?? defaultSessionKey },
    speaker: { channel: "default", sender: params.userId ?? client.id, peer: chatId },
    metadata: metadataFrom({ ...params, chatId }, channels),
    wishes: definedOnly({
      stream: params.stream,
      agentId: params.agentId,
      route: params.route,
      model: params.route === undefined ? params.model : undefined,
      system: params.system,
      deliver: params.deliver,
      extra: params.venice_parameters,
    }),
  };
}
