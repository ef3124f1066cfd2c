import type { Secret } from "@carapace/config";
import { ok, type Result, unlessAborted } from "@carapace/protocol";
import type { Sealer } from "@carapace/secrets/envelope";
import { entryOf, withChange } from "../profile-file/edit.ts";
import type { ProfileStore } from "../profile-file/file.ts";
import type { FreshToken, FreshTokenOptions } from "../types.ts";
import { isUsable, readCurrent, type Wanted } from "./current.ts";
import { locked, needsLogin, refuseToken } from "./refusals.ts";
import { type RenewDeps, type Renewed, renew, type Unstored } from "./renew.ts";

/** What tokens are got with. */
export interface FreshDeps extends ProfileStore, Pick<RenewDeps, "endpoints"> {}

const touchEveryMs = 5 * 60_000;
const cancelled = () => refuseToken("unreachable", "the request was cancelled");

/** Keeps each profile's token, opened, for as long as the file stays the same; renews one at a time. */
export function createFreshTokens(deps: FreshDeps) {
  const kept = new Map<string, Renewed>();
  const renewing = new Map<string, Promise<Result<Renewed>>>();
  const unstored = new Map<string, Unstored>();
  const touched = new Map<string, number>();

  const renewOnce = (wanted: Wanted, refused: Secret | undefined) => {
    const key = keyOf(wanted);
    const running =
      renewing.get(key) ??
      withSealer(deps, wanted, (sealer) => renew(wanted, refused, { ...deps, sealer, unstored }));
    renewing.set(key, running);
    return running.finally(() => renewing.delete(key));
  };
  const look = async (wanted: Wanted, refused: Secret | undefined): Promise<Result<Renewed>> => {
    const nowMs = deps.nowMs();
    const known = kept.get(keyOf(wanted));
    if (known && known.stamp === deps.file.stamp() && isUsable(known.token, { nowMs, refused }))
      return ok(known);
    const read = await withSealer(deps, wanted, (sealer) => readCurrent(deps.file, sealer, wanted));
    if (!read.ok) return read;
    const { token, stamp, profile } = read.value;
    touched.set(profile.id, Math.max(profile.last_used_ms ?? 0, touched.get(profile.id) ?? 0));
    if (isUsable(token, { nowMs, refused })) return ok({ token, stamp });
    if (profile.credential_kind === "token") return needsLogin(profile.id, "is not taken any more");
    const renewed = await renewOnce(wanted, refused);
    // It was renewed for somebody else, who did not know that this one is refused.
    const isSame = renewed.ok && renewed.value.token.accessToken.reveal() === refused?.reveal();
    return isSame ? await renewOnce(wanted, refused) : renewed;
  };
  const touch = async (profileId: string, found: Renewed): Promise<Renewed> => {
    const nowMs = deps.nowMs();
    if (nowMs - (touched.get(profileId) ?? 0) < touchEveryMs) return found;
    touched.set(profileId, nowMs);
    let isSame = false;
    const stored = await deps.file.change((entries) => {
      isSame = deps.file.stamp() === found.stamp;
      const isThere = entryOf(entries, profileId) !== undefined;
      return ok(isThere ? withChange(entries, profileId, () => ({ last_used_ms: nowMs })) : entries);
    });
    // Not worth a refusal: it only says when it was used last.
    return stored.ok && isSame ? { ...found, stamp: stored.value } : found;
  };

  return async (profileId: string, options: FreshTokenOptions): Promise<Result<FreshToken>> => {
    const { provider, refused, signal } = options;
    const found = await unlessAborted(look({ profileId, provider }, refused), signal, cancelled);
    if (!found.ok) return found;
    const used = await touch(profileId, found.value);
    kept.set(keyOf({ profileId, provider }), used);
    return ok(used.token);
  };
}

/** Whose it must be belongs to what is kept: a token must not go to another provider because it is at hand. */
function keyOf({ profileId, provider }: Wanted): string {
  return JSON.stringify([profileId, provider]);
}

async function withSealer<T>(
  { sealer }: FreshDeps,
  { profileId }: Wanted,
  use: (sealer: Sealer) => Promise<Result<T>>,
): Promise<Result<T>> {
  using one = sealer();
  if (one === undefined) return locked(profileId, false);
  return await use(one);
}
