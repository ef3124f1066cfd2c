import { isRecord } from "@carapace/protocol";
import { z } from "zod";
import { parseJson } from "../../database/stored.ts";
import type { DeviceToken, PairedDevice, PairingRequest } from "../../devices/types.ts";
import { maxBytes } from "../paths.ts";
import { parseAll } from "./parsed.ts";
import { corrupt, type SmallStore } from "./small.ts";

const text = z.string().nullish();
const described = {
  displayName: text,
  platform: text,
  clientId: text,
  clientMode: text,
  remoteIp: text,
};

const StoredDevice = z.object({
  ...described,
  deviceId: z.string().min(1),
  publicKey: z.string().min(1),
  roles: z.array(z.string()),
  scopes: z.array(z.string()),
  pairedAtMs: z.number(),
  lastSeenMs: z.number().nullish(),
});

const StoredRequest = z.object({
  ...described,
  requestId: z.string().min(1),
  deviceId: z.string().min(1),
  publicKey: z.string(),
  state: z.string(),
  role: text,
  requestedRoles: z.array(z.string()).default([]),
  requestedScopes: z.array(z.string()).default([]),
  silent: z.boolean().nullish(),
  isRepair: z.boolean().nullish(),
  createdAtMs: z.number(),
  resolvedAtMs: z.number().nullish(),
});

const StoredToken = z.object({
  tokenHash: z.string().regex(/^[0-9a-f]{64}$/),
  deviceId: z.string().min(1),
  role: z.string(),
  scopes: z.array(z.string()),
  issuedAtMs: z.number(),
  expiresAtMs: z.number(),
  revoked: z.boolean(),
});

/** Paired devices (state.md §8): their tokens stay valid, for only the hashes are needed. */
export const deviceStore: SmallStore = {
  path: "device-pairing.json",
  store: "devices",
  maxBytes: maxBytes.devices,
  *read(json, context) {
    const file = parseJson(json);
    if (!isRecord(file) || file["version"] !== 1) {
      return yield corrupt(context, "The file is not a registry of version 1.");
    }
    const devices = parseAll(context, valuesOf(file["pairedDevices"]), {
      schema: StoredDevice.transform(toDevice),
      what: "a paired device",
      idOf: (device) => device.deviceId,
    });
    const requests = parseAll(context, valuesOf(file["pendingRequests"]), {
      schema: StoredRequest.transform(toRequest),
      what: "a pairing request",
      idOf: (request) => request.requestId,
    });
    const tokens = parseAll(context, valuesOf(file["tokens"]), {
      schema: StoredToken,
      what: "a device token",
      idOf: (token): string => token.tokenHash,
    });
    yield* [...devices.problems, ...requests.problems, ...tokens.problems];
    const known: readonly DeviceToken[] = tokens.records;
    yield {
      kind: "devices",
      file: context.file,
      devices: devices.records,
      requests: requests.records,
      tokens: known,
    };
  },
};

export function valuesOf(map: unknown): unknown[] {
  return isRecord(map) ? Object.values(map) : [];
}

/** Only what is there: an absent field and null are the same. */
function set<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], null | undefined> } {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(present) as { [K in keyof T]?: Exclude<T[K], null | undefined> };
}

function descriptionOf(stored: z.infer<typeof StoredDevice> | z.infer<typeof StoredRequest>) {
  const { displayName, platform, clientId, clientMode, remoteIp } = stored;
  return set({ displayName, platform, clientId, clientMode, remoteIp });
}

function toDevice(stored: z.infer<typeof StoredDevice>): PairedDevice {
  const { deviceId, publicKey, roles, scopes, pairedAtMs, lastSeenMs } = stored;
  const times = { createdAtMs: pairedAtMs, approvedAtMs: pairedAtMs, ...set({ lastSeenAtMs: lastSeenMs }) };
  return { ...descriptionOf(stored), deviceId, publicKey, roles, scopes, ...times };
}

function toRequest(stored: z.infer<typeof StoredRequest>): PairingRequest {
  const { requestId, deviceId, publicKey, createdAtMs, resolvedAtMs } = stored;
  const state = z.enum(["pending", "approved", "rejected", "expired"]).catch("expired").parse(stored.state);
  return {
    ...descriptionOf(stored),
    requestId,
    deviceId,
    publicKey,
    state,
    role: stored.role ?? stored.requestedRoles[0] ?? "operator",
    scopes: stored.requestedScopes,
    silent: stored.silent === true,
    isRepair: stored.isRepair === true,
    createdAtMs,
    ...set({ resolvedAtMs }),
  };
}
