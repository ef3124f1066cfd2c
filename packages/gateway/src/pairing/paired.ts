import type { PairedDeviceView } from "@carapace/protocol";
import type { PairedDevice, PairingRequest } from "@carapace/state";
import { definedOnly } from "../defined-only.ts";

export const maxPaired = 50;

/** Whether a paired device was approved for this role and, by name, for each of these scopes. */
export function covers(device: PairedDevice, role: string, scopes: readonly string[]): boolean {
  return device.roles.includes(role) && scopes.every((scope) => device.scopes.includes(scope));
}

/**
 * A device with what a request asked for. What the same key was approved for before stays (websocket.md §13.1 *Better*);
 * another key starts from nothing.
 */
export function withGrant(
  before: PairedDevice | undefined,
  request: PairingRequest,
  nowMs: number,
): PairedDevice {
  const known = before?.publicKey === request.publicKey ? before : undefined;
  const { deviceId, publicKey, displayName, platform, clientId, clientMode, remoteIp } = request;
  return {
    deviceId,
    publicKey,
    ...definedOnly({ displayName, platform, clientId, clientMode, remoteIp }),
    roles: union(known?.roles, [request.role]),
    scopes: union(known?.scopes, request.scopes),
    createdAtMs: known?.createdAtMs ?? nowMs,
    approvedAtMs: nowMs,
    ...(known?.lastSeenAtMs === undefined ? {} : { lastSeenAtMs: known.lastSeenAtMs }),
  };
}

/** A paired device as clients see it (websocket.md §12.7). */
export function pairedView(device: PairedDevice): PairedDeviceView {
  return {
    deviceId: device.deviceId,
    publicKey: device.publicKey,
    displayName: device.displayName ?? null,
    platform: device.platform ?? null,
    clientId: device.clientId ?? null,
    clientMode: device.clientMode ?? null,
    remoteIp: device.remoteIp ?? null,
    roles: [...device.roles],
    scopes: [...device.scopes],
    createdAtMs: device.createdAtMs,
    approvedAtMs: device.approvedAtMs,
    lastSeenAtMs: device.lastSeenAtMs ?? null,
  };
}

function union(before: readonly string[] | undefined, added: readonly string[]): string[] {
  return [...new Set([...(before ?? []), ...added])];
}
