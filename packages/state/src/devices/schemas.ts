import { once } from "@carapace/protocol";
import { z } from "zod";
import type { DeviceToken, PairedDevice, PairingRequest } from "./types.ts";

const described = {
  displayName: z.string().exactOptional(),
  platform: z.string().exactOptional(),
  clientId: z.string().exactOptional(),
  clientMode: z.string().exactOptional(),
  remoteIp: z.string().exactOptional(),
};

export const device = once(
  (): z.ZodType<PairedDevice> =>
    z.object({
      ...described,
      deviceId: z.string(),
      publicKey: z.string(),
      roles: z.array(z.string()),
      scopes: z.array(z.string()),
      createdAtMs: z.number(),
      approvedAtMs: z.number(),
      lastSeenAtMs: z.number().exactOptional(),
    }),
);

export const request = once(
  (): z.ZodType<PairingRequest> =>
    z.object({
      ...described,
      requestId: z.string(),
      deviceId: z.string(),
      publicKey: z.string(),
      state: z.enum(["pending", "approved", "rejected", "expired"]),
      role: z.string(),
      scopes: z.array(z.string()),
      silent: z.boolean(),
      isRepair: z.boolean(),
      createdAtMs: z.number(),
      resolvedAtMs: z.number().exactOptional(),
    }),
);

export const token = once(
  (): z.ZodType<DeviceToken> =>
    z.object({
      tokenHash: z.string(),
      deviceId: z.string(),
      role: z.string(),
      scopes: z.array(z.string()),
      issuedAtMs: z.number(),
      expiresAtMs: z.number(),
      revoked: z.boolean(),
    }),
);
