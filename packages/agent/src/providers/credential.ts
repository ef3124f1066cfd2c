import type { Accounts, FreshToken as AccountToken, FreshTokenOptions } from "@carapace/accounts";
import type { Secret } from "@carapace/config";
import { type Result, refuse } from "@carapace/protocol";
import { type Found, find, type ProviderSource } from "./settings.ts";
import type { AbsentVendor } from "./vendor.ts";

/** Opens the stored sign-ins, when the first one is used. */
export type OpenSignIns = () => Promise<Pick<Accounts, "freshToken">>;

/**
 * Gives the token of a stored sign-in, renewed if need be, or if it is the one that was `refused`; refused, with what to
 * do, if it cannot be. Never throws.
 */
export type FreshToken = (options: {
  readonly signal: AbortSignal;
  readonly refused?: Secret;
}) => Promise<Result<AccountToken>>;

/** What proves an account to its vendor: an API key, or a sign-in. */
export type Credential =
  | { readonly kind: "key"; readonly key: Secret }
  | { readonly kind: "token"; readonly token: FreshToken };

/** The stored sign-in that a setting names. */
export function freshTokenOf(
  profile: Found,
  provider: FreshTokenOptions["provider"],
  open: OpenSignIns | undefined,
): FreshToken {
  return async (options) => {
    if (open === undefined)
      return refuse("unavailable", "stored sign-ins cannot be used here: use an API key");
    return (await open()).freshToken(profile.text, { provider, ...options });
  };
}

/** A setting that names a stored sign-in; without the password that opens it, why it cannot be used (agent.md §3). */
export function readProfile(
  source: ProviderSource,
  { path, label }: { readonly path: string; readonly label: string },
): Found | AbsentVendor | undefined {
  const profile = find(source, [], path);
  if (profile === undefined || source.lookup("CARAPACE_CONFIG_PASSWORD")) return profile;
  return {
    absentBecause: `${label} is not available: the sign-in that ${path} names is sealed; set CARAPACE_CONFIG_PASSWORD where the gateway starts`,
  };
}
