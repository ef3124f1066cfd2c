import type { Secret } from "@carapace/config";
import { ok, type Result } from "@carapace/protocol";
import type { Sealer } from "@carapace/secrets/envelope";
import { entryOf, withChange } from "../profile-file/edit.ts";
import type { ProfileFile } from "../profile-file/file.ts";
import { clientOf, sealLike } from "../profile-file/secrets.ts";
import { askForTokens, type GivenTokens } from "../sign-in/tokens.ts";
import type { OAuthEndpoints } from "../sign-in/types.ts";
import { signInVendors } from "../sign-in/vendors.ts";
import type { FreshToken, OAuthProvider } from "../types.ts";
import { type Current, isUsable, readCurrent, tokenOf, type Wanted } from "./current.ts";
import { needsLogin, notFound, refuseToken } from "./refusals.ts";

/** What renewing needs. */
export interface RenewDeps {
  readonly file: ProfileFile;
  readonly sealer: Sealer;
  readonly nowMs: () => number;
  readonly endpoints: (provider: OAuthProvider) => OAuthEndpoints;
  /** Tokens which a full disk kept from being stored: the refresh token they replace is dead by now. */
  readonly unstored: Map<string, Unstored>;
}

/** Tokens that wait for the disk. */
export interface Unstored {
  /** The sealed refresh token they came for. */
  readonly instead: string | null | undefined;
  readonly tokens: GivenTokens;
}

/** A token, and the file's stamp from which it is. */
export interface Renewed {
  readonly token: FreshToken;
  readonly stamp: string | undefined;
}

/**
 * Renews a profile's tokens (agent.md §15): one process at a time; who waited takes what the other one got. Stored
 * before it is used.
 */
export async function renew(
  wanted: Wanted,
  refused: Secret | undefined,
  deps: RenewDeps,
): Promise<Result<Renewed>> {
  const lock = await deps.file.lockRenewal(wanted.provider);
  if (!lock.ok) return refuseToken("file", lock.say);
  using _held = lock.value;
  for (let tries = 0; ; tries++) {
    const current = await readCurrent(deps.file, deps.sealer, wanted);
    if (!current.ok) return current;
    const { token, stamp } = current.value;
    if (isUsable(token, { nowMs: deps.nowMs(), refused })) return ok({ token, stamp });
    const tokens = await askAnew(current.value, wanted.profileId, deps);
    if (tokens.ok) return await keep(current.value, tokens.value, deps);
    // A program without our lock may have renewed it meanwhile: then what it got is taken.
    if (tokens.details.reason === "dead" && tries === 0 && hasMoved(current.value, deps.file)) continue;
    return await giveUp(current.value, { refusal: tokens, refused }, deps);
  }
}

type Asked = Awaited<ReturnType<typeof askForTokens>>;

async function askAnew({ profile, opened }: Current, profileId: string, deps: RenewDeps): Promise<Asked> {
  const waiting = deps.unstored.get(profileId);
  if (waiting !== undefined && waiting.instead === profile.tokens?.refresh_token)
    return { ok: true, value: waiting.tokens };
  const client = opened && clientOf(profile, opened);
  const isDead = typeof profile.needs_login_since_ms === "number";
  if (opened?.refreshToken === undefined || client === undefined || !isOAuth(profile.provider) || isDead) {
    const why = isDead ? "is not taken any more" : "ran out and cannot be renewed";
    return { ok: false, code: "unauthorized", say: why, details: { reason: "dead" } };
  }
  return askForTokens({
    endpoint: deps.endpoints(profile.provider).token,
    ...{ client, label: signInVendors[profile.provider].label, nowMs: deps.nowMs },
    grant: { grant_type: "refresh_token", refresh_token: opened.refreshToken.reveal() },
  });
}

async function keep(current: Current, tokens: GivenTokens, deps: RenewDeps): Promise<Result<Renewed>> {
  const { id, tokens: old } = current.profile;
  let token: FreshToken | undefined;
  const stored = await deps.file.change(async (entries) => {
    const seal = await sealLike(entries, deps.sealer);
    const access = await seal(tokens.accessToken);
    const refresh = tokens.refreshToken && (await seal(tokens.refreshToken));
    const present = entryOf(entries, id)?.profile;
    if (present === undefined) return notFound(id);
    // Signed in anew meanwhile: that one is newer than ours.
    if (present.tokens?.refresh_token !== old?.refresh_token) return ok(entries);
    const nowMs = deps.nowMs();
    const after = withChange(entries, id, () => ({
      tokens: {
        access_token: access,
        ...(refresh ? { refresh_token: refresh } : {}),
        expires_at_ms: tokens.expiresAtMs ?? null,
        ...(tokens.scope ? { scope: tokens.scope } : {}),
      },
      last_used_ms: nowMs,
    }));
    const profile = entryOf(after, id)?.profile;
    token = profile && tokenOf(profile, tokens.accessToken);
    return ok(after);
  });
  if (!stored.ok) {
    deps.unstored.set(id, { instead: old?.refresh_token, tokens });
    return refuseToken("file", stored.say);
  }
  deps.unstored.delete(id);
  if (token !== undefined) return ok({ token, stamp: stored.value });
  const wanted = { profileId: id, provider: current.profile.provider };
  const other = await readCurrent(deps.file, deps.sealer, wanted);
  return other.ok ? ok({ token: other.value.token, stamp: other.value.stamp }) : other;
}

interface Failed {
  readonly refusal: Extract<Asked, { readonly ok: false }>;
  readonly refused: Secret | undefined;
}

async function giveUp(
  current: Current,
  { refusal, refused }: Failed,
  deps: RenewDeps,
): Promise<Result<Renewed>> {
  const { profile, token, stamp } = current;
  const { reason } = refusal.details;
  // Better the last seconds of the old one than nothing.
  const isAlive = token.expiresAtMs === undefined || token.expiresAtMs > deps.nowMs();
  const isRefused = refused !== undefined && refused.reveal() === token.accessToken.reveal();
  if (reason === "unreachable")
    return isAlive && !isRefused ? ok({ token, stamp }) : refuseToken("unreachable", refusal.say);
  if (reason === "refused") return needsLogin(profile.id, `cannot be renewed (${refusal.say})`);
  await markDead(profile.id, profile.tokens?.refresh_token, deps);
  return needsLogin(profile.id, "is not taken any more, or ran out");
}

/** Kept in the file, so that nobody asks again in vain; signing in anew takes it away. */
async function markDead(
  id: string,
  refreshToken: string | null | undefined,
  { file, nowMs }: RenewDeps,
): Promise<void> {
  await file.change((entries) => {
    const present = entryOf(entries, id)?.profile;
    const isOurs = present !== undefined && present.tokens?.refresh_token === refreshToken;
    if (!isOurs || typeof present.needs_login_since_ms === "number") return ok(entries);
    return ok(withChange(entries, id, () => ({ needs_login_since_ms: nowMs() })));
  });
}

function hasMoved({ profile, stamp }: Current, file: ProfileFile): boolean {
  if (file.stamp() === stamp) return false;
  const entries = file.read();
  const now = entries.ok ? entryOf(entries.value, profile.id)?.profile : undefined;
  return now !== undefined && now.tokens?.refresh_token !== profile.tokens?.refresh_token;
}

function isOAuth(provider: string): provider is OAuthProvider {
  return provider === "openai" || provider === "google";
}
