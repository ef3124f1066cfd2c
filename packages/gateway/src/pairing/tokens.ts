import { createHash } from "node:crypto";
import type { DeviceRepository, DeviceToken } from "@carapace/state";
import { deadTokens } from "./dead-tokens.ts";

/** A device token as its device gets it: the one time it exists in clear. */
export interface IssuedToken {
  readonly token: string;
  readonly issuedAtMs: number;
}

const tokenLifetimeMs = 90 * 24 * 3600 * 1000;

/** Under which name a token is stored: lower-case hex SHA-256, so that the database holds no token. */
export function tokenHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** What a token is for. */
export interface TokenUse {
  readonly deviceId: string;
  readonly role: string;
  readonly scopes: readonly string[];
}

/** The stored form of a new token. */
export function tokenRecord(token: string, use: TokenUse, nowMs: number): DeviceToken {
  return {
    tokenHash: tokenHash(token),
    ...use,
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + tokenLifetimeMs,
    revoked: false,
  };
}

/** Whether a stored token proves this use: its device, its role, every scope listed by name, not revoked or expired. */
export function isTokenGood(token: DeviceToken, use: TokenUse, nowMs: number): boolean {
  if (token.revoked || nowMs >= token.expiresAtMs) return false;
  if (token.deviceId !== use.deviceId || token.role !== use.role) return false;
  return use.scopes.every((scope) => token.scopes.includes(scope));
}

/** Stores a new token in place of the device's earlier ones of this role, and forgets those that are dead. */
export async function storeToken(
  token: DeviceToken,
  { devices }: { readonly devices: DeviceRepository },
): Promise<void> {
  await devices.rotateToken(token, deadTokens(await devices.tokens(), token.issuedAtMs));
}
