import { z } from "zod";
import { Bool, NullableNum, NullableText, Num, Text, Texts, True } from "../scalars.ts";
import { methods, NoParams, optionalTexts, requiredKey } from "./contract.ts";

/** A device that waits for approval (websocket.md §13.1); also the payload of `device.pair.requested`. */
export const DeviceRequest = z.object({
  requestId: Text,
  deviceId: Text,
  publicKey: Text,
  displayName: NullableText,
  platform: NullableText,
  clientId: NullableText,
  clientMode: NullableText,
  role: NullableText,
  roles: Texts,
  scopes: Texts,
  remoteIp: NullableText,
  silent: Bool,
  isRepair: Bool,
  ts: Num,
});
export type DeviceRequest = z.infer<typeof DeviceRequest>;

/** A device that may connect. */
export const PairedDeviceView = z.object({
  deviceId: Text,
  publicKey: Text,
  displayName: NullableText,
  platform: NullableText,
  clientId: NullableText,
  clientMode: NullableText,
  remoteIp: NullableText,
  roles: Texts,
  scopes: Texts,
  createdAtMs: Num,
  approvedAtMs: Num,
  lastSeenAtMs: NullableNum,
});
export type PairedDeviceView = z.infer<typeof PairedDeviceView>;

/** Pairing of devices and their tokens (websocket.md §12.7, §13). */
export const deviceMethods = methods({
  "device.pair.list": {
    access: "read",
    summary: "List paired devices and those that wait for approval",
    params: NoParams,
    result: () => z.object({ pending: z.array(DeviceRequest), paired: z.array(PairedDeviceView) }),
  },
  "device.pair.approve": {
    access: "pairing",
    summary: "Approve a waiting device with what it asked for",
    params: () => z.object({ requestId: requiredKey("requestId") }),
    result: () =>
      z.object({
        requestId: Text,
        device: PairedDeviceView.omit({ clientMode: true, remoteIp: true }),
      }),
  },
  "device.pair.reject": {
    access: "pairing",
    summary: "Reject a waiting device",
    params: () => z.object({ requestId: requiredKey("requestId") }),
    result: () => z.object({ requestId: Text, deviceId: Text }),
  },
  "device.pair.remove": {
    access: "pairing",
    summary: "Unpair a device, end its tokens and close its connections",
    params: () => z.object({ deviceId: requiredKey("deviceId") }),
    result: () => z.object({ deviceId: Text, removed: True }),
  },
  "device.token.rotate": {
    access: "pairing",
    summary: "Replace a device's token",
    params: () =>
      z.object({
        deviceId: requiredKey("deviceId"),
        role: requiredKey("role"),
        scopes: optionalTexts("scopes"),
      }),
    result: () =>
      z.object({
        deviceId: Text,
        role: Text,
        token: Text,
        scopes: Texts,
        rotatedAtMs: Num,
      }),
  },
  "device.token.revoke": {
    access: "pairing",
    summary: "Revoke a device's token",
    params: () => z.object({ deviceId: requiredKey("deviceId"), role: requiredKey("role") }),
    result: () => z.object({ deviceId: Text, role: Text, revokedAtMs: Num }),
  },
});
