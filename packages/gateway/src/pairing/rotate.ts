import { policyClose, type Result, refuse } from "@carapace/protocol";
import type { Pairing } from "./devices.ts";
import { storeToken, tokenRecord } from "./tokens.ts";

export interface RotatedToken {
  readonly deviceId: string;
  readonly role: string;
  /** In clear, this once. */
  readonly token: string;
  readonly scopes: string[];
  readonly rotatedAtMs: number;
}

export interface Revoked {
  readonly deviceId: string;
  readonly role: string;
  readonly revokedAtMs: number;
}

interface TokenOf {
  readonly deviceId: string;
  readonly role: string;
}

/** Replaces a device's token by hand (`device.token.rotate`). */
export async function rotateToken(
  { deviceId, role, scopes }: TokenOf & { readonly scopes?: readonly string[] | undefined },
  pairing: Pairing,
): Promise<Result<RotatedToken>> {
  const { devices, newId, nowMs, audit, by } = pairing;
  const device = await devices.find(deviceId);
  if (device === undefined) return refuse("not_found", "unknown deviceId/role");
  if (!device.roles.includes(role)) return refuse("forbidden", "role not allowed");
  const wanted = [...(scopes ?? (await newestScopes({ deviceId, role }, devices)) ?? device.scopes)];
  if (wanted.some((scope) => !device.scopes.includes(scope))) return refuse("forbidden", "scope not allowed");
  const token = newId();
  const rotatedAtMs = nowMs();
  await storeToken(tokenRecord(token, { deviceId, role, scopes: wanted }, rotatedAtMs), pairing);
  const data = { device_id: deviceId, role, scopes: wanted };
  await audit.append({ actor: by, event: "device_token_rotated", data });
  return { ok: true, value: { deviceId, role, token, scopes: wanted, rotatedAtMs } };
}

/** What the device's token of this role is for, else the newest of those it had; undefined if it had none. */
async function newestScopes(
  { deviceId, role }: TokenOf,
  devices: Pairing["devices"],
): Promise<readonly string[] | undefined> {
  const own = (await devices.tokens()).filter((token) => token.deviceId === deviceId && token.role === role);
  const newestFirst = own.sort((one, other) => other.issuedAtMs - one.issuedAtMs);
  return (newestFirst.find((token) => !token.revoked) ?? newestFirst[0])?.scopes;
}

/** Ends a device's token, and its sockets of that role with it (`device.token.revoke`). */
export async function revokeToken(
  { deviceId, role }: TokenOf,
  { devices, hub, nowMs, audit, by }: Pairing,
): Promise<Result<Revoked>> {
  if ((await devices.revokeTokens(deviceId, role)) === 0) return refuse("not_found", "unknown deviceId/role");
  await audit.append({ actor: by, event: "device_token_revoked", data: { device_id: deviceId, role } });
  // The caller may be that very device: its reply goes out first.
  setImmediate(() => {
    hub.closeWhere(
      (view) => view.deviceId === deviceId && view.role === role,
      policyClose("device token revoked"),
    );
  });
  return { ok: true, value: { deviceId, role, revokedAtMs: nowMs() } };
}
