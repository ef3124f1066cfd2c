import {
  type ConnectDevice,
  type ConnectionRole,
  requestedScopes,
  signedTextV2,
  signedTextV3,
} from "@carapace/protocol";
import type { ClientInfo, DeviceIdentity } from "../types.ts";

/** The fields of a `connect` that its signature covers. */
export interface ConnectToSign {
  readonly client: Pick<ClientInfo, "id" | "mode" | "platform">;
  readonly role: ConnectionRole;
  readonly scopes: readonly string[];
  /** A password is never signed. */
  readonly auth?: { readonly token?: string };
  readonly protocol: { readonly min: number };
  /** What the gateway sent; its time is signed, so that a wrong clock here does not matter. */
  readonly challenge: { readonly nonce: string; readonly ts: number };
}

/**
 * The `device` of a connect: the key, and its signature over who connects, as what, to which challenge
 * (websocket.md §6). Version 2, which every gateway reads; version 3 for those that speak protocol 4 only.
 */
export async function signConnect(identity: DeviceIdentity, connect: ConnectToSign): Promise<ConnectDevice> {
  const { client, role, challenge } = connect;
  const fields = {
    deviceId: identity.deviceId,
    clientId: client.id,
    clientMode: client.mode,
    role,
    scopes: requestedScopes(role, connect.scopes),
    signedAtMs: Math.trunc(challenge.ts),
    token: connect.auth?.token,
  };
  const text =
    connect.protocol.min >= 4
      ? signedTextV3(fields, challenge.nonce, client)
      : signedTextV2(fields, challenge.nonce);
  return {
    id: identity.deviceId,
    publicKey: identity.publicKey,
    signature: await identity.sign(text),
    signedAt: fields.signedAtMs,
    nonce: challenge.nonce,
  };
}
