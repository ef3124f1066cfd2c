import { createHash } from "node:crypto";
import {
  type ConnectDevice,
  decodeKeyBytes,
  deviceIdOf,
  encodeKeyBytes,
  type Result,
  refuse,
  type SignedFields,
  signedTextV1,
  signedTextV2,
  signedTextV3,
  wireLimits,
} from "@carapace/protocol";

/** A device whose key signed this very handshake. */
export interface VerifiedDevice {
  readonly id: string;
  /** Base64url without padding, whatever form was sent. */
  readonly publicKey: string;
}

export interface DeviceContext {
  readonly nowMs: number;
  /** This socket's challenge. */
  readonly nonce: string;
  readonly isLocalDirect: boolean;
  /** What was signed besides the device itself; role and scopes after defaulting. */
  readonly signed: Pick<SignedFields, "clientId" | "clientMode" | "role" | "scopes" | "token">;
  readonly platform: string;
  readonly deviceFamily?: string | undefined;
}

/**
 * Checks a device's proof in the order of websocket.md §6: key, id, clock, nonce, signature.
 * @returns the device, or the refusal `device <what is wrong>`; never throws, whatever the bytes.
 */
export async function checkDevice(
  device: ConnectDevice,
  context: DeviceContext,
): Promise<Result<VerifiedDevice>> {
  const key = decodeKeyBytes(device.publicKey, 32);
  if (key === undefined) return denied("public key invalid");
  if (deviceIdOf(key) !== device.id) return denied("identity mismatch");
  if (Math.abs(context.nowMs - device.signedAt) > wireLimits.signatureSkewMs)
    return denied("signature expired");
  const nonce = device.nonce ?? "";
  if (nonce === "" && !context.isLocalDirect) return denied("nonce required");
  if (nonce !== "" && nonce !== context.nonce) return denied("nonce mismatch");
  const signature = decodeKeyBytes(device.signature, 64);
  if (signature === undefined) return denied("signature invalid");
  const isSigned = await isSignedByAny(signature, signedTexts(device, nonce, context), key);
  return isSigned
    ? { ok: true, value: { id: device.id, publicKey: encodeKeyBytes(key) } }
    : denied("signature invalid");
}

/** The texts the device may have signed: newest version first. Version 1 holds no nonce and so is local-direct only. */
function signedTexts(device: ConnectDevice, nonce: string, context: DeviceContext): string[] {
  const fields: SignedFields = { ...context.signed, deviceId: device.id, signedAtMs: device.signedAt };
  if (nonce === "") return [signedTextV1(fields)];
  const said = { platform: context.platform, deviceFamily: context.deviceFamily };
  return [signedTextV3(fields, nonce, said), signedTextV2(fields, nonce)];
}

async function isSignedByAny(
  signature: Uint8Array,
  texts: readonly string[],
  key: Uint8Array,
): Promise<boolean> {
  const ed25519 = await import("@noble/ed25519");
  ed25519.hashes.sha512 ??= (message) => new Uint8Array(createHash("sha512").update(message).digest());
  // The strict reading (RFC 8032) refuses small-order keys and non-canonical encodings.
  return texts.some((text) => ed25519.verify(signature, Buffer.from(text), key, { zip215: false }));
}

function denied(what: string) {
  return refuse("unauthorized", `device ${what}`);
}
