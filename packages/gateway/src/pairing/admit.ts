import { type ConnectClient, type Result, refuse } from "@carapace/protocol";
import type { PairedDevice, PairingRequest } from "@carapace/state";
import type { VerifiedDevice } from "../connection/device-check.ts";
import { definedOnly } from "../defined-only.ts";
import { pair } from "./decide.ts";
import type { Pairing } from "./devices.ts";
import { covers } from "./paired.ts";
import { maxPending, requestView } from "./requests.ts";
import { type IssuedToken, storeToken, tokenRecord } from "./tokens.ts";

/** A verified device that wants in, and what it asks for. */
export interface Arrival {
  readonly device: VerifiedDevice;
  readonly role: string;
  readonly scopes: readonly string[];
  readonly client: ConnectClient;
  /** Undefined for local-direct. */
  readonly remoteIp: string | undefined;
  readonly isLocalDirect: boolean;
}

/** Rows 14 to 17 of websocket.md §3.2. */
export async function admit(arrival: Arrival, pairing: Pairing): Promise<Result<IssuedToken>> {
  const { device, role, scopes } = arrival;
  const stored = await pairing.devices.find(device.id);
  if (stored !== undefined && stored.publicKey !== device.publicKey) {
    return refuse("unauthorized", "device identity mismatch");
  }
  if (stored !== undefined && covers(stored, role, scopes)) {
    await pairing.devices.save(seen(stored, arrival, pairing.nowMs()));
    return issue(arrival, pairing);
  }
  const request = requestOf(arrival, stored !== undefined, pairing);
  if (!arrival.isLocalDirect) return ask(request, pairing);
  await pair(request, { ...pairing, by: `device:${device.id}` });
  return issue(arrival, pairing);
}

/** Asks the owner: a request that waits already stands as it is, and nobody is told twice. */
async function ask(request: PairingRequest, pairing: Pairing): Promise<Result<never>> {
  const pending = await pairing.requests.pending(pairing.nowMs());
  const waiting = pending.find(({ deviceId }) => deviceId === request.deviceId);
  if (waiting !== undefined && waiting.publicKey !== request.publicKey) {
    return refuse("unauthorized", "device identity mismatch");
  }
  if (waiting === undefined) {
    if (pending.length >= maxPending) return refuse("unavailable", "too many pending pairing requests");
    const remoteIp = request.remoteIp ?? "local";
    const data = { request_id: request.requestId, device_id: request.deviceId, remote_ip: remoteIp };
    const event = { actor: `ip:${remoteIp}`, event: "device_pairing_requested", data } as const;
    await pairing.audit.together(event, () => pairing.requests.save(request));
    pairing.hub.publish("device.pair.requested", requestView(request));
  }
  const { requestId } = waiting ?? request;
  // Known clients read the id in either place (websocket.md §3.2).
  return refuse("not_paired", "pairing required", { requestId, details: { requestId } });
}

/** A new token; the device's earlier ones of this role end with it. */
async function issue({ device, role, scopes }: Arrival, pairing: Pairing): Promise<Result<IssuedToken>> {
  const token = pairing.newId();
  const issuedAtMs = pairing.nowMs();
  const record = tokenRecord(token, { deviceId: device.id, role, scopes }, issuedAtMs);
  try {
    await storeToken(record, pairing);
  } catch (error) {
    pairing.log.error("device token could not be stored", { deviceId: device.id, error });
    const closeReason = "device token issuance failed";
    return refuse("invalid_request", `${closeReason}: it could not be stored`, { closeReason });
  }
  return { ok: true, value: { token, issuedAtMs } };
}

function requestOf(
  { device, role, scopes, client, ...from }: Arrival,
  isRepair: boolean,
  pairing: Pairing,
): PairingRequest {
  return {
    requestId: pairing.newId(),
    deviceId: device.id,
    publicKey: device.publicKey,
    state: "pending",
    role,
    scopes,
    ...definedOnly({ displayName: client.displayName, remoteIp: from.remoteIp }),
    platform: client.platform,
    clientId: client.id,
    clientMode: client.mode,
    silent: from.isLocalDirect,
    isRepair,
    createdAtMs: pairing.nowMs(),
  };
}

function seen(device: PairedDevice, { client, remoteIp }: Arrival, nowMs: number): PairedDevice {
  const { remoteIp: _before, ...kept } = device;
  return {
    ...kept,
    ...definedOnly({ displayName: client.displayName, remoteIp }),
    platform: client.platform,
    clientId: client.id,
    clientMode: client.mode,
    lastSeenAtMs: nowMs,
  };
}
