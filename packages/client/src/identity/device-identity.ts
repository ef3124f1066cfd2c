import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import {
  decodeKeyBytes,
  deviceIdOf,
  encodeKeyBytes,
  ok,
  parseJson,
  type Result,
  refuse,
} from "@carapace/protocol";
import { z } from "zod";
import type { DeviceIdentity } from "../types.ts";

/** A device identity at rest (cli.md §2.6): texts as of websocket.md §6, `secret_key` is the 32-byte seed. */
export const StoredIdentity = z.object({
  device_id: z.string(),
  public_key: z.string(),
  secret_key: z.string(),
});
export type StoredIdentity = z.infer<typeof StoredIdentity>;

// PKCS #8 of an Ed25519 key is this prefix and the seed (RFC 8410 §7).
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

/** The identity that follows from a seed of 32 random bytes. @throws RangeError for another length. */
export function identityFromSeed(seed: Uint8Array): DeviceIdentity {
  if (seed.length !== 32) throw new RangeError("an Ed25519 seed has 32 bytes");
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: "der", type: "pkcs8" });
  const raw = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  return {
    deviceId: deviceIdOf(raw),
    publicKey: encodeKeyBytes(raw),
    sign: (text) => encodeKeyBytes(sign(null, Buffer.from(text), key)),
  };
}

/** An identity with what is to be stored of it, which holds the secret: only for an owner-only place. */
export interface KeptIdentity {
  readonly identity: DeviceIdentity;
  readonly stored: StoredIdentity;
}

/** The same as {@link identityFromSeed}, to be kept. */
export function keptIdentity(seed: Uint8Array): KeptIdentity {
  const identity = identityFromSeed(seed);
  const { deviceId, publicKey } = identity;
  return {
    identity,
    stored: { device_id: deviceId, public_key: publicKey, secret_key: encodeKeyBytes(seed) },
  };
}

/**
 * Reads a stored identity's JSON and checks that its parts fit together.
 * @returns `invalid_request`, with what is wrong and no part of the text; never throws
 */
export function readStoredIdentity(text: string): Result<KeptIdentity> {
  const stored = StoredIdentity.safeParse(parseJson(text));
  if (!stored.success) return refuse("invalid_request", "it is not a device identity");
  const seed = decodeKeyBytes(stored.data.secret_key, 32);
  if (seed === undefined) return refuse("invalid_request", "its secret key cannot be read");
  const kept = keptIdentity(seed);
  const { identity } = kept;
  const publicKey = decodeKeyBytes(stored.data.public_key, 32);
  const fits =
    publicKey !== undefined &&
    encodeKeyBytes(publicKey) === identity.publicKey &&
    stored.data.device_id === identity.deviceId;
  return fits ? ok(kept) : refuse("invalid_request", "its id and keys do not belong together");
}
