import { z } from "zod";
import { lenient, methods, required } from "./contract.ts";

const nullable = z.string().nullable();

/** A device that waits for approval (websocket.md §13.1); also the payload of `device.pair.requested`. */
export const DeviceRequest = z.object({
  requestId: z.string(),
  deviceId: z.string(),
  publicKey: z.string(),
  displayName: nullable,
  platform: nullable,
  clientId: nullable,
  clientMode: nullable,
  role: nullable,
  roles: z.array(z.string()),
  scopes: z.array(z.string()),
  remoteIp: nullable,
  silent: z.boolean(),
  isRepair: z.boolean(),
  ts: z.number(),
});
export type DeviceRequest = z.infer<typeof DeviceRequest>;

/** A device that may connect. */
export const PairedDeviceView = z.object({
  deviceId: z.string(),
  publicKey: z.string(),
  displayName: nullable,
  platform: nullable,
  clientId: nullable,
  clientMode: nullable,
  remoteIp: nullable,
  roles: z.array(z.string()),
  scopes: z.array(z.string()),
  createdAtMs: z.number(),
  approvedAtMs: z.number(),
  lastSeenAtMs: z.number().nullable(),
});
export type PairedDeviceView = z.infer<typeof PairedDeviceView>;

/** Pairing of devices and their tokens (websocket.md §12.7, §13). */
export const deviceMethods = methods({
  "device.pair.list": {
    access: "read",
    summary: "List paired devices and those that wait for approval",
    params: z.object({}),
    result: z.object({ pending: z.array(DeviceRequest), paired: z.array(PairedDeviceView) }),
  },
  "device.pair.approve": {
    access: "pairing",
    summary: "Approve a waiting device with what it asked for",
    params: z.object({ requestId: required("requestId") }),
    result: z.object({
      requestId: z.string(),
      device: PairedDeviceView.omit({ clientMode: true, remoteIp: true }),
    }),
  },
  "device.pair.reject": {
    access: "pairing",
    summary: "Reject a waiting device",
    params: z.object({ requestId: required("requestId") }),
    result: z.object({ requestId: z.string(), deviceId: z.string() }),
  },
  "device.token.rotate": {
    access: "pairing",
    summary: "Replace a device's token",
    params: z.object({
      deviceId: required("deviceId"),
      role: required("role"),
      scopes: lenient(z.array(z.string())),
    }),
    result: z.object({
      deviceId: z.string(),
      role: z.string(),
      token: z.string(),
      scopes: z.array(z.string()),
      rotatedAtMs: z.number(),
    }),
  },
  "device.token.revoke": {
    access: "pairing",
    summary: "Revoke a device's token",
    params: z.object({ deviceId: required("deviceId"), role: required("role") }),
    result: z.object({ deviceId: z.string(), role: z.string(), revokedAtMs: z.number() }),
  },
});
