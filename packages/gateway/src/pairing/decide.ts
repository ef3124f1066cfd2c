import { type PairedDeviceView, type Result, refuse } from "@carapace/protocol";
import type { PairedDevice, PairingRequest } from "@carapace/state";
import type { Pairing } from "./devices.ts";
import { maxPaired, pairedView, withGrant } from "./paired.ts";
import { unpair } from "./unpair.ts";

export interface Approved {
  readonly requestId: string;
  readonly device: Omit<PairedDeviceView, "clientMode" | "remoteIp">;
}

export interface Rejected {
  readonly requestId: string;
  readonly deviceId: string;
}

/** Grants exactly what was asked, on top of what the same key had; no token: the device gets one when it connects. */
export async function approve(requestId: string, pairing: Pairing): Promise<Result<Approved>> {
  const found = await open(requestId, pairing);
  if (!found.ok) return found;
  if (found.value.state === "expired") return refuse("conflict", "request expired");
  const device = await pair(found.value, pairing);
  await pairing.requests.resolve(found.value, "approved", pairing.nowMs());
  const { clientMode, remoteIp, ...view } = pairedView(device);
  return { ok: true, value: { requestId, device: view } };
}

export async function reject(requestId: string, pairing: Pairing): Promise<Result<Rejected>> {
  const found = await open(requestId, pairing);
  if (!found.ok) return found;
  const nowMs = pairing.nowMs();
  const { deviceId } = found.value;
  if (found.value.state === "pending") {
    const data = { request_id: requestId, device_id: deviceId };
    await pairing.audit.together({ actor: pairing.by, event: "device_pairing_rejected", data }, () =>
      pairing.requests.resolve(found.value, "rejected", nowMs),
    );
  }
  pairing.hub.publish("device.pair.resolved", { requestId, deviceId, decision: "rejected", ts: nowMs });
  return { ok: true, value: { requestId, deviceId } };
}

/** Stores the pairing and tells the owner's clients; the oldest pairing goes when there are too many. */
export async function pair(request: PairingRequest, pairing: Pairing): Promise<PairedDevice> {
  const { devices, hub } = pairing;
  const nowMs = pairing.nowMs();
  const before = await devices.find(request.deviceId);
  if (before === undefined) await makeRoom(pairing);
  const device = withGrant(before, request, nowMs);
  const { requestId, deviceId } = request;
  const data = { device_id: deviceId, remote_ip: request.remoteIp ?? "local" };
  const event = { actor: pairing.by, event: "device_paired", data } as const;
  await pairing.audit.together(event, () => devices.save(device));
  hub.publish("device.pair.resolved", { requestId, deviceId, decision: "approved", ts: nowMs });
  return device;
}

async function open(requestId: string, { requests, nowMs }: Pairing): Promise<Result<PairingRequest>> {
  const request = await requests.find(requestId, nowMs());
  if (request === undefined) return refuse("not_found", "request not found");
  if (request.state === "approved" || request.state === "rejected") {
    return refuse("conflict", "request already resolved");
  }
  return { ok: true, value: request };
}

async function makeRoom(pairing: Pairing): Promise<void> {
  const paired = (await pairing.devices.list()).sort((one, other) => one.approvedAtMs - other.approvedAtMs);
  const surplus = paired.slice(0, Math.max(0, paired.length - maxPaired + 1));
  for (const { deviceId } of surplus) await unpair(deviceId, pairing);
}
