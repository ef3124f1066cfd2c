import type { Secret } from "@carapace/config";
import type { Result } from "@carapace/protocol";

/** Gives the token of a stored sign-in, renewed if need be; refused, with what to do, if it cannot be. Never throws. */
export type FreshToken = (signal: AbortSignal) => Promise<Result<Secret>>;

/** What proves an account to its vendor: an API key, or a sign-in. */
export type Credential =
  | { readonly kind: "key"; readonly key: Secret }
  | { readonly kind: "token"; readonly token: FreshToken };
