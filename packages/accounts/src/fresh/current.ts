import type { Secret } from "@carapace/config";
import { ok, type Result } from "@carapace/protocol";
import type { Sealer } from "@carapace/secrets/envelope";
import { entryOf } from "../profile-file/edit.ts";
import type { ProfileFile } from "../profile-file/file.ts";
import { type OpenedTokens, openToken, openTokens } from "../profile-file/secrets.ts";
import type { StoredProfile } from "../profile-file/shape.ts";
import { accountIdOf } from "../sign-in/claims.ts";
import type { FreshToken, ProfileProvider } from "../types.ts";
import { locked, notFound } from "./refusals.ts";

/** A profile as the file has it now, opened. */
export interface Current {
  readonly profile: StoredProfile;
  readonly token: FreshToken;
  /** Of an OAuth profile. */
  readonly opened?: OpenedTokens;
  /** What the file looked like before it was read. */
  readonly stamp: string | undefined;
}

/** What is asked for. */
export interface Wanted {
  readonly profileId: string;
  readonly provider: ProfileProvider;
}

/** Reads and opens a profile. */
export async function readCurrent(
  file: ProfileFile,
  sealer: Sealer | undefined,
  { profileId, provider }: Wanted,
): Promise<Result<Current>> {
  const stamp = file.stamp();
  const entries = file.read();
  if (!entries.ok) return entries;
  const profile = entryOf(entries.value, profileId)?.profile;
  if (profile === undefined || profile.provider !== provider) return notFound(profileId);
  if (sealer === undefined) return locked(profileId, false);
  if (profile.credential_kind === "token") {
    const accessToken = await openToken(profile, sealer);
    if (accessToken === undefined) return locked(profileId, true);
    return ok({ profile, stamp, token: { profileId, accessToken } });
  }
  const opened = await openTokens(profile, sealer);
  if (opened === undefined) return locked(profileId, true);
  return ok({ profile, stamp, opened, token: tokenOf(profile, opened.accessToken) });
}

/** What goes to a caller. */
export function tokenOf(profile: StoredProfile, accessToken: Secret): FreshToken {
  const expiresAtMs = profile.tokens?.expires_at_ms;
  const accountId = accountIdOf(accessToken) ?? profile.account_id;
  return {
    ...{ profileId: profile.id, accessToken },
    ...(typeof expiresAtMs === "number" ? { expiresAtMs } : {}),
    ...(accountId ? { accountId } : {}),
  };
}

const marginMs = 60_000;

/** Whether a token can be sent: not about to run out (60 s), and not the one its provider just refused. */
export function isUsable(
  { accessToken, expiresAtMs }: FreshToken,
  { nowMs, refused }: { readonly nowMs: number; readonly refused: Secret | undefined },
): boolean {
  if (refused !== undefined && refused.reveal() === accessToken.reveal()) return false;
  return expiresAtMs === undefined || expiresAtMs > nowMs + marginMs;
}
