import { createHash } from "node:crypto";
import {
  type ConnectRequest,
  deviceIdOf,
  encodeKeyBytes,
  type SignedFields,
  signedTextV1,
  signedTextV2,
  signedTextV3,
} from "@carapace/protocol";
import { getPublicKey, hashes, sign } from "@noble/ed25519";

hashes.sha512 ??= (message) => new Uint8Array(createHash("sha512").update(message).digest());

/** A device key pair made from a one-byte seed, so that tests repeat. */
export interface TestDevice {
  readonly id: string;
  readonly publicKey: string;
  /** The `device` of a connect request, signed over the request's own fields. */
  proof(connect: ConnectRequest, facts: ProofFacts): NonNullable<ConnectRequest["device"]>;
}

interface ProofFacts {
  readonly nonce?: string;
  readonly signedAtMs: number;
  readonly version?: 1 | 2 | 3;
}

export function testDevice(seed: number): TestDevice {
  const secret = new Uint8Array(32).fill(seed);
  const key = getPublicKey(secret);
  const id = deviceIdOf(key);
  const publicKey = encodeKeyBytes(key);
  return {
    id,
    publicKey,
    proof(connect, { nonce = "", signedAtMs, version = nonce === "" ? 1 : 2 }) {
      const text = signedText(signedFields(id, connect, signedAtMs), { nonce, version, connect });
      const signature = encodeKeyBytes(sign(new TextEncoder().encode(text), secret));
      return { id, publicKey, signature, signedAt: signedAtMs, ...(nonce === "" ? {} : { nonce }) };
    },
  };
}

function signedFields(
  deviceId: string,
  { client, role, scopes, auth }: ConnectRequest,
  signedAtMs: number,
): SignedFields {
  const signedRole = role ?? "operator";
  const asked = scopes ?? [];
  return {
    deviceId,
    clientId: client.id,
    clientMode: client.mode,
    role: signedRole,
    scopes: asked.length > 0 || signedRole !== "operator" ? asked : ["operator.admin"],
    signedAtMs,
    token: auth?.token ?? undefined,
  };
}

function signedText(
  fields: SignedFields,
  { nonce, version, connect }: { nonce: string; version: 1 | 2 | 3; connect: ConnectRequest },
): string {
  if (version === 1) return signedTextV1(fields);
  if (version === 2) return signedTextV2(fields, nonce);
  const { platform, deviceFamily } = connect.client;
  return signedTextV3(fields, nonce, { platform, deviceFamily: deviceFamily ?? undefined });
}
