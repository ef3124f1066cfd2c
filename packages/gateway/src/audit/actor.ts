import type { ConnectionView } from "../types.ts";

/** How the audit log names who called: a paired device by its id, any other by its client and address. */
export function actorOf({ deviceId, client, remoteIp }: ConnectionView): string {
  if (deviceId !== undefined) return `device:${deviceId}`;
  return `client:${client.id.slice(0, 64)}@${remoteIp ?? "local"}`;
}
