import type { DeviceRequest } from "@carapace/protocol";
import type { DeviceRepository, PairingRequest } from "@carapace/state";

const pendingLifetimeMs = 3_600_000;
export const maxPending = 25;
const resolvedKeptMs = 3_600_000;

/** The requests of devices for pairing, with what time does to them (websocket.md §13). */
export interface Requests {
  /** Those that still wait. Expires what waited for more than an hour, forgets what was resolved as long ago. */
  pending(nowMs: number): Promise<PairingRequest[]>;
  /** Any that is still remembered, expired ones marked so. */
  find(requestId: string, nowMs: number): Promise<PairingRequest | undefined>;
  save(request: PairingRequest): Promise<void>;
  resolve(request: PairingRequest, state: "approved" | "rejected", nowMs: number): Promise<void>;
}

export function createRequests(devices: DeviceRepository): Requests {
  const settled = async (nowMs: number): Promise<PairingRequest[]> => {
    const kept: PairingRequest[] = [];
    for (const request of await devices.requests()) {
      const aged = expired(request, nowMs);
      if (aged !== request) await devices.saveRequest(aged);
      if (aged.resolvedAtMs !== undefined && nowMs - aged.resolvedAtMs > resolvedKeptMs) {
        await devices.removeRequest(aged.requestId);
      } else kept.push(aged);
    }
    return kept;
  };
  return {
    async pending(nowMs) {
      return (await settled(nowMs)).filter(({ state }) => state === "pending");
    },
    async find(requestId, nowMs) {
      return (await settled(nowMs)).find((request) => request.requestId === requestId);
    },
    save: (request) => devices.saveRequest(request),
    resolve: (request, state, nowMs) => devices.saveRequest({ ...request, state, resolvedAtMs: nowMs }),
  };
}

function expired(request: PairingRequest, nowMs: number): PairingRequest {
  if (request.state !== "pending" || nowMs - request.createdAtMs <= pendingLifetimeMs) return request;
  return { ...request, state: "expired", resolvedAtMs: request.createdAtMs + pendingLifetimeMs };
}

/** A request as clients see it (websocket.md §13.1). */
export function requestView(request: PairingRequest): DeviceRequest {
  return {
    requestId: request.requestId,
    deviceId: request.deviceId,
    publicKey: request.publicKey,
    displayName: request.displayName ?? null,
    platform: request.platform ?? null,
    clientId: request.clientId ?? null,
    clientMode: request.clientMode ?? null,
    role: request.role,
    roles: [request.role],
    scopes: [...request.scopes],
    remoteIp: request.remoteIp ?? null,
    silent: request.silent,
    isRepair: request.isRepair,
    ts: request.createdAtMs,
  };
}
