import { Secret } from "@carapace/config";
import type { Sealer } from "@carapace/secrets/envelope";
import type { OAuthClient } from "../sign-in/types.ts";
import { type FileEntry, type StoredProfile, secretTextsOf } from "./shape.ts";

/** What an OAuth profile holds, opened. */
export interface OpenedTokens {
  readonly accessToken: Secret;
  readonly refreshToken?: Secret;
  readonly clientSecret?: Secret;
}

/** @returns undefined if any of it is there and does not open: with another password it is sealed again by nobody */
export async function openTokens(profile: StoredProfile, sealer: Sealer): Promise<OpenedTokens | undefined> {
  const { tokens, oauth_provider_config: application } = profile;
  if (!tokens) return undefined;
  const access = await openOne(tokens.access_token, sealer);
  const refresh = await openOne(tokens.refresh_token, sealer);
  const client = await openOne(application?.client_secret, sealer);
  if (access === undefined || access === "" || refresh === undefined || client === undefined)
    return undefined;
  return {
    accessToken: new Secret(access),
    ...(refresh === "" ? {} : { refreshToken: new Secret(refresh) }),
    ...(client === "" ? {} : { clientSecret: new Secret(client) }),
  };
}

/** The application an OAuth profile was made with, if it names one. */
export function clientOf(
  { oauth_provider_config: application }: StoredProfile,
  { clientSecret: secret }: OpenedTokens,
): OAuthClient | undefined {
  const id = application?.client_id;
  return id ? { id, ...(secret ? { secret } : {}) } : undefined;
}

/** The token of a profile of that kind. @returns undefined if it does not open */
export async function openToken({ token }: StoredProfile, sealer: Sealer): Promise<Secret | undefined> {
  const text = await openOne(token, sealer);
  return text ? new Secret(text) : undefined;
}

/** Seals as the file's other secrets are, so that one key opens them all. */
export async function sealLike(
  entries: readonly FileEntry[],
  sealer: Sealer,
): Promise<(secret: Secret) => Promise<string>> {
  const like = await firstThatOpens(entries, sealer);
  return (secret) => sealer.seal(secret.reveal(), like === undefined ? {} : { like });
}

/** Few are tried: each with a salt of its own costs a derivation. */
const maxTries = 4;

async function firstThatOpens(entries: readonly FileEntry[], sealer: Sealer): Promise<string | undefined> {
  const sealed = entries.flatMap(({ profile }) => (profile ? secretTextsOf(profile).slice(0, 1) : []));
  for (const text of sealed.slice(0, maxTries)) {
    if ((await sealer.open(text)).ok) return text;
  }
  return undefined;
}

/** @returns the empty text if there is none, undefined if it does not open */
async function openOne(text: string | null | undefined, sealer: Sealer): Promise<string | undefined> {
  if (!text) return "";
  const opened = await sealer.open(text);
  return opened.ok ? opened.value : undefined;
}
