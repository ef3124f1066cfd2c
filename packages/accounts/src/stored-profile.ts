import { createHash } from "node:crypto";
import type { Secret } from "@carapace/config";
import type { StoredProfile } from "./profile-file/shape.ts";
import { setupTokenName, setupTokenProfileId } from "./setup-token.ts";
import type { NewSignIn } from "./sign-in/flow.ts";
import { signInVendors } from "./sign-in/vendors.ts";

/** Seals one text. */
type Seal = (secret: Secret) => Promise<string>;

/** What a new sign-in is called, and since when it is known. */
export interface ProfileIdentity {
  readonly id: string;
  readonly createdAtMs: number;
}

/** The id of somebody who signed in: theirs if they are known by user id or e-mail, else 12 hex digits of a hash. */
export function identityOf(
  { provider, who }: Pick<NewSignIn, "provider" | "who">,
  present: readonly StoredProfile[],
  nowMs: number,
): ProfileIdentity {
  const known = present.find(
    (one) =>
      one.provider === provider &&
      one.credential_kind === "o-auth" &&
      (isSame(one.user_id, who.userId) || isSame(one.email, who.email)),
  );
  if (known !== undefined) return { id: known.id, createdAtMs: known.created_at_ms };
  const hash = createHash("sha256").update(who.email ?? who.userId ?? "");
  return { id: `${provider}-${hash.digest("hex").slice(0, 12)}`, createdAtMs: nowMs };
}

function isSame(stored: string | null | undefined, given: string | undefined): boolean {
  return given !== undefined && stored === given;
}

/** What a person calls it. */
export function nameOf({ provider, who }: Pick<NewSignIn, "provider" | "who">): string {
  return who.displayName ?? who.email ?? signInVendors[provider].label;
}

/** A sign-in as it stands in the file (state.md §11.1), its secrets sealed. */
export async function signInEntry(
  made: NewSignIn,
  { id, createdAtMs, nowMs }: ProfileIdentity & { readonly nowMs: number },
  seal: Seal,
): Promise<StoredProfile> {
  const { provider, client, tokens, who, redirectUri, endpoints, scopes } = made;
  return {
    ...{ id, name: nameOf(made), provider },
    user_id: who.userId ?? null,
    email: who.email ?? null,
    display_name: who.displayName ?? null,
    avatar_url: who.avatarUrl ?? null,
    created_at_ms: createdAtMs,
    last_used_ms: nowMs,
    credential_kind: "o-auth",
    tokens: {
      access_token: await seal(tokens.accessToken),
      refresh_token: tokens.refreshToken ? await seal(tokens.refreshToken) : null,
      token_type: "Bearer",
      expires_at_ms: tokens.expiresAtMs ?? null,
      scope: tokens.scope ?? null,
    },
    token: null,
    oauth_provider_config: {
      client_id: client.id,
      // The reference reads a text here; empty means a public client to both.
      client_secret: client.secret ? await seal(client.secret) : "",
      redirect_uri: redirectUri,
      auth_url: endpoints.authorize,
      token_url: endpoints.token,
      userinfo_url: endpoints.userInfo ?? "",
      scopes: [...scopes],
    },
    ...(who.accountId === undefined ? {} : { account_id: who.accountId }),
  };
}

/** A setup token as it stands in the file, sealed. */
export async function setupTokenEntry(
  token: Secret,
  { createdAtMs, nowMs }: { readonly createdAtMs: number; readonly nowMs: number },
  seal: Seal,
): Promise<StoredProfile> {
  return {
    ...{ id: setupTokenProfileId, name: setupTokenName, provider: "anthropic" },
    ...{ user_id: null, email: null, display_name: null, avatar_url: null },
    ...{ created_at_ms: createdAtMs, last_used_ms: nowMs, credential_kind: "token" },
    ...{ tokens: null, token: await seal(token), oauth_provider_config: null },
  };
}
