import type { ConnectParams, PresenceEntry } from "@carapace/protocol";
import { definedOnly } from "../defined-only.ts";
import type { ConnectionView } from "../types.ts";

/** What others see of a connection (websocket.md §10.1). A local-direct client has no address. */
export function presenceOf(view: ConnectionView, { client }: ConnectParams): Omit<PresenceEntry, "ts"> {
  return definedOnly({
    host: client.displayName,
    version: client.version,
    platform: client.platform,
    mode: client.mode,
    reason: "connect",
    ip: view.remoteIp,
    deviceId: view.deviceId,
    roles: [view.role],
    scopes: [...view.scopes],
    instanceId: client.instanceId,
    deviceFamily: client.deviceFamily,
    modelIdentifier: client.modelIdentifier,
  });
}
