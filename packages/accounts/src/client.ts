import { type Config, type Secret, secretOf } from "@carapace/config";
import { ok, type Result, refuse } from "@carapace/protocol";
import type { OAuthClient } from "./sign-in/types.ts";
import { signInVendors } from "./sign-in/vendors.ts";
import type { Accounts, OAuthProvider } from "./types.ts";

/** Where an application may be named (agent.md §15). */
export interface ClientSources {
  /** Typed, or sent with the request; wins. */
  readonly given?: { readonly id?: string; readonly secret?: Secret };
  /** Reads a variable: `ConfigSnapshot.lookup`. */
  readonly lookup: (name: string) => string | undefined;
  readonly config?: Pick<Config, "auth">;
  readonly accounts: Pick<Accounts, "knownClient">;
}

const variables = { openai: "OPENAI_OAUTH_CLIENT", google: "GOOGLE_OAUTH_CLIENT" } as const;

/**
 * The application to sign in with: given, else `{OPENAI|GOOGLE}_OAUTH_CLIENT_{ID|SECRET}`, else the configuration's,
 * else that of a stored sign-in. A secret goes only with the id that stands beside it; without one the client is public.
 */
export async function findClient(
  provider: OAuthProvider,
  { given, lookup, config, accounts }: ClientSources,
): Promise<Result<OAuthClient>> {
  const prefix = variables[provider];
  const fromEnv = { id: lookup(`${prefix}_ID`), secret: secretOf(lookup(`${prefix}_SECRET`)) };
  const app = config?.auth.profiles.providers[provider];
  const known = await accounts.knownClient(provider);
  if (!known.ok) return known;
  const inOrder = [given, fromEnv, { id: app?.clientId, secret: app?.clientSecret }, known.value];
  const found = inOrder.flatMap((one) => clientOf(one) ?? []);
  const [first] = found;
  if (first === undefined) {
    const { label } = signInVendors[provider];
    return refuse(
      "invalid_request",
      `${label} needs to know which application signs in: give its client id, or set ${prefix}_ID`,
    );
  }
  // An id alone may be one whose secret is known from elsewhere.
  const secret =
    first.secret ?? given?.secret ?? found.find(({ id, secret }) => id === first.id && secret)?.secret;
  return ok(secret === undefined ? { id: first.id } : { id: first.id, secret });
}

function clientOf(
  one: { readonly id?: string | undefined; readonly secret?: Secret | undefined } | undefined,
): OAuthClient | undefined {
  const id = one?.id?.trim();
  if (!id) return undefined;
  return one?.secret === undefined ? { id } : { id, secret: one.secret };
}
