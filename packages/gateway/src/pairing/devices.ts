import type { DeviceRequest, PairedDeviceView, Result } from "@carapace/protocol";
import type { Audit, DeviceRepository } from "@carapace/state";
import type { Hub } from "../connection/hub.ts";
import type { Log } from "../log/log.ts";
import { createKeyedMutex } from "../runs/keyed-mutex.ts";
import { type Arrival, admit } from "./admit.ts";
import { type Approved, approve, type Rejected, reject } from "./decide.ts";
import { pairedView } from "./paired.ts";
import { createRequests, type Requests, requestView } from "./requests.ts";
import { type Revoked, type RotatedToken, revokeToken, rotateToken } from "./rotate.ts";
import { type IssuedToken, isTokenGood, type TokenUse, tokenHash } from "./tokens.ts";
import { type Removed, unpair } from "./unpair.ts";

/** The rules of device pairing (websocket.md §13, §13.1). Its operations happen one after the other. */
export interface DevicePairing {
  /** The same for somebody who decides: the audit log names him. */
  by(actor: string): DevicePairing;
  /** Whether a text is a live token for this use, and the device's own record still allows it. */
  isLiveToken(token: string, use: TokenUse): Promise<boolean>;
  /**
   * Lets a paired device in with a new token, pairs a local-direct one at once, and asks the owner about any other.
   * Refused: another key is stored, pairing required (with the request's id), too many requests wait, no token.
   */
  admit(arrival: Arrival): Promise<Result<IssuedToken>>;
  list(): Promise<{ pending: DeviceRequest[]; paired: PairedDeviceView[] }>;
  approve(requestId: string): Promise<Result<Approved>>;
  reject(requestId: string): Promise<Result<Rejected>>;
  /** Unpairs a device: its tokens end, its sockets are closed, and it has to ask again. */
  remove(deviceId: string): Promise<Result<Removed>>;
  /** @param scopes What the new token is for; absent: what its newest token was for, else all it was approved for. */
  rotateToken(deviceId: string, role: string, scopes?: readonly string[]): Promise<Result<RotatedToken>>;
  /** Also closes the device's sockets of that role. */
  revokeToken(deviceId: string, role: string): Promise<Result<Revoked>>;
}

export interface DevicePairingDeps {
  readonly devices: DeviceRepository;
  readonly hub: Pick<Hub, "publish" | "closeWhere">;
  readonly nowMs: () => number;
  /** UUID v4: request ids and tokens. */
  readonly newId: () => string;
  readonly log: Log;
  readonly audit: Pick<Audit, "append" | "together">;
}

/** What the parts of pairing share. */
export interface Pairing extends DevicePairingDeps {
  readonly requests: Requests;
  /** Who decides. */
  readonly by: string;
}

export function createDevicePairing(deps: DevicePairingDeps): DevicePairing {
  const mutex = createKeyedMutex();
  // Two sockets of a device, or an owner's approval beside them, must not each act on what the other is changing.
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => mutex("devices", task);
  return pairingFor({ ...deps, requests: createRequests(deps.devices), by: "owner" }, inTurn);
}

type InTurn = <T>(task: () => Promise<T>) => Promise<T>;

function pairingFor(pairing: Pairing, inTurn: InTurn): DevicePairing {
  return {
    by: (actor) => pairingFor({ ...pairing, by: actor }, inTurn),
    isLiveToken: (token, use) => isLiveToken(pairing, token, use),
    admit: (arrival) => inTurn(() => admit(arrival, pairing)),
    list: () => inTurn(() => list(pairing)),
    approve: (requestId) => inTurn(() => approve(requestId, pairing)),
    reject: (requestId) => inTurn(() => reject(requestId, pairing)),
    remove: (deviceId) => inTurn(() => unpair(deviceId, pairing)),
    rotateToken: (deviceId, role, scopes) => inTurn(() => rotateToken({ deviceId, role, scopes }, pairing)),
    revokeToken: (deviceId, role) => inTurn(() => revokeToken({ deviceId, role }, pairing)),
  };
}

async function isLiveToken({ devices, nowMs }: Pairing, token: string, use: TokenUse): Promise<boolean> {
  const stored = await devices.findToken(tokenHash(token));
  if (stored === undefined || !isTokenGood(stored, use, nowMs())) return false;
  const device = await devices.find(use.deviceId);
  return device !== undefined && use.scopes.every((scope) => device.scopes.includes(scope));
}

async function list({ devices, requests, nowMs }: Pairing) {
  const [pending, paired] = [await requests.pending(nowMs()), await devices.list()];
  return { pending: pending.map(requestView), paired: paired.map(pairedView) };
}
