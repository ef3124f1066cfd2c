import { z } from "zod";
import { profileProviders } from "../types.ts";

const optionalText = z.string().nullish();
const optionalMs = z.number().finite().nonnegative().nullish();

/** `tokens` of an entry; the first two sealed. */
const tokens = z.object({
  access_token: z.string(),
  refresh_token: optionalText,
  token_type: z.string().nullish(),
  expires_at_ms: optionalMs,
  scope: optionalText,
});

/** `oauth_provider_config` of an entry; the secret sealed. */
const application = z.object({
  client_id: z.string(),
  client_secret: optionalText,
  redirect_uri: z.string().nullish(),
  auth_url: z.string().nullish(),
  token_url: z.string().nullish(),
  userinfo_url: z.string().nullish(),
  scopes: z.array(z.string()).nullish(),
});

/**
 * One entry of `auth_profiles.json` (state.md §11.1), as far as it is read; what else stands in it stays. The last two
 * names are ours: the reference does not know them, and drops them when it rewrites the file.
 */
export const StoredProfile = z.object({
  id: z.string().min(1).max(255),
  name: z.string(),
  provider: z.enum(profileProviders),
  user_id: optionalText,
  email: optionalText,
  display_name: optionalText,
  avatar_url: optionalText,
  created_at_ms: z.number().finite(),
  last_used_ms: optionalMs,
  credential_kind: z.enum(["o-auth", "token"]).default("o-auth"),
  tokens: tokens.nullish(),
  token: optionalText,
  oauth_provider_config: application.nullish(),
  /** The provider said that these tokens are dead. */
  needs_login_since_ms: optionalMs,
  /** Of the id token, where the access token does not tell it. */
  account_id: optionalText,
});
export type StoredProfile = z.output<typeof StoredProfile>;

/** One entry: as it stands in the file, and what it says if it can be read. */
export interface FileEntry {
  readonly raw: unknown;
  readonly profile?: StoredProfile;
}

/** Most profiles a file may come to hold. */
export const maxProfiles = 20;

/** Bytes of the file. */
export const maxFileBytes = 16 * 1024 * 1024;

/** The texts of a profile that are sealed. */
export function secretTextsOf(profile: StoredProfile): readonly string[] {
  const { tokens, token, oauth_provider_config: application } = profile;
  return [tokens?.access_token, tokens?.refresh_token, application?.client_secret, token].filter(
    (text): text is string => typeof text === "string" && text !== "",
  );
}
