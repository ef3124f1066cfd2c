import { Records } from "../integrity/records.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { device, request, token } from "./schemas.ts";
import type { DeviceRepository, DeviceToken, PairedDevice, PairingRequest } from "./types.ts";

/** The sealed records behind the devices. */
export interface DeviceRecords {
  readonly devices: Records<PairedDevice>;
  readonly requests: Records<PairingRequest>;
  readonly tokens: Records<DeviceToken>;
}

export function deviceRecords(deps: SealedDeps): DeviceRecords {
  return {
    devices: new Records(deps, { name: "device", schema: device, pages: 1 }),
    requests: new Records(deps, { name: "pairing request", schema: request, pages: 1 }),
    tokens: new Records(deps, { name: "device token", schema: token, pages: 4 }),
  };
}

/** Paired devices, requests and tokens; one whose record does not verify is unknown (websocket.md §13). */
export function createDevices(deps: SealedDeps): DeviceRepository {
  const { connection } = deps;
  const { devices, requests, tokens } = deviceRecords(deps);
  return {
    find: async (deviceId) => connection.read(() => devices.find(deviceId)),
    list: async () => connection.read(() => devices.list()),
    save: async (device) => connection.write(() => devices.save(device.deviceId, device)),
    remove: async (deviceId) =>
      connection.write(() => {
        for (const token of tokens.list()) if (token.deviceId === deviceId) tokens.remove(token.tokenHash);
        return devices.remove(deviceId);
      }),
    requests: async () => connection.read(() => requests.list()),
    saveRequest: async (request) => connection.write(() => requests.save(request.requestId, request)),
    removeRequest: async (requestId) =>
      connection.write(() => {
        requests.remove(requestId);
      }),
    findToken: async (tokenHash) => connection.read(() => tokens.find(tokenHash)),
    tokens: async () => connection.read(() => tokens.list()),
    rotateToken: async (token, dropHashes = []) =>
      connection.write(() => {
        for (const hash of dropHashes) tokens.remove(hash);
        revoke(tokens, token.deviceId, token.role);
        tokens.save(token.tokenHash, token);
      }),
    revokeTokens: async (deviceId, role) => connection.write(() => revoke(tokens, deviceId, role)),
  };
}

function revoke(tokens: Records<DeviceToken>, deviceId: string, role: string): number {
  const live = tokens
    .list()
    .filter((token) => token.deviceId === deviceId && token.role === role && !token.revoked);
  for (const token of live) tokens.save(token.tokenHash, { ...token, revoked: true });
  return live.length;
}
