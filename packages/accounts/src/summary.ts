import { ok, type Result } from "@carapace/protocol";
import { profilesOf } from "./profile-file/edit.ts";
import type { ProfileStore } from "./profile-file/file.ts";
import { openToken, openTokens } from "./profile-file/secrets.ts";
import type { StoredProfile } from "./profile-file/shape.ts";
import type { ProfileSummary } from "./types.ts";

/** Whether a profile's secrets open, and whether it could renew itself. */
interface Opening {
  readonly isOpen: boolean;
  readonly isRenewable: boolean;
}

/** Lists the profiles. What opens is found out once for each state of the file: each look costs a derivation. */
export function createSummaries({ file, sealer, nowMs }: ProfileStore) {
  let seen:
    | { readonly stamp: string | undefined; readonly openings: ReadonlyMap<string, Opening> }
    | undefined;
  return async (): Promise<Result<readonly ProfileSummary[]>> => {
    const stamp = file.stamp();
    const entries = file.read();
    if (!entries.ok) return entries;
    const profiles = profilesOf(entries.value);
    if (seen === undefined || seen.stamp !== stamp)
      seen = { stamp, openings: await openAll(profiles, sealer) };
    const { openings } = seen;
    return ok(profiles.map((profile) => summaryOf(profile, openings.get(profile.id), nowMs())));
  };
}

async function openAll(
  profiles: readonly StoredProfile[],
  sealer: ProfileStore["sealer"],
): Promise<ReadonlyMap<string, Opening>> {
  const openings = new Map<string, Opening>();
  using opener = profiles.length === 0 ? undefined : sealer();
  if (opener === undefined) return openings;
  for (const profile of profiles) {
    if (profile.credential_kind === "token") {
      const isOpen = (await openToken(profile, opener)) !== undefined;
      openings.set(profile.id, { isOpen, isRenewable: false });
      continue;
    }
    const opened = await openTokens(profile, opener);
    openings.set(profile.id, {
      isOpen: opened !== undefined,
      isRenewable: opened?.refreshToken !== undefined,
    });
  }
  return openings;
}

function summaryOf(profile: StoredProfile, opening: Opening | undefined, nowMs: number): ProfileSummary {
  const { id, name, provider, email, user_id, last_used_ms, tokens } = profile;
  const expiresAtMs = tokens?.expires_at_ms;
  const isDead = typeof profile.needs_login_since_ms === "number";
  const isOver = typeof expiresAtMs === "number" && expiresAtMs <= nowMs && opening?.isRenewable !== true;
  return {
    ...{ id, name, provider, createdAtMs: profile.created_at_ms },
    kind: profile.credential_kind === "token" ? "token" : "oauth",
    ...(email ? { email } : {}),
    ...(user_id ? { userId: user_id } : {}),
    ...(typeof last_used_ms === "number" ? { lastUsedMs: last_used_ms } : {}),
    ...(typeof expiresAtMs === "number" ? { expiresAtMs } : {}),
    state: opening?.isOpen !== true ? "locked" : isDead || isOver ? "needs_login" : "ready",
  };
}
