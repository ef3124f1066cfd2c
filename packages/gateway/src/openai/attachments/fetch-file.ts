import type { AddressPolicy } from "@carapace/fetch";
import type { Result } from "@carapace/protocol";
import { ok, refuse } from "@carapace/protocol";

/** Fetches a file that a request names; refused with what is wrong, without the address. */
export type FetchFile = (
  url: string,
  limits: { readonly maxBytes: number; readonly signal: AbortSignal },
) => Promise<Result<Uint8Array>>;

/**
 * Through the guard for addresses that somebody else chose (http.md §14); the only way out of this API.
 * @param addresses what the configuration allows and blocks, now
 */
export function guardedFile(addresses: () => AddressPolicy): FetchFile {
  return async (url, { maxBytes, signal }) => {
    const { guardedFetch } = await import("@carapace/fetch");
    const limits = { maxBytes, redirects: 3, timeoutMs: 30_000 } as const;
    const fetched = await guardedFetch(url, { ...addresses(), ...limits, signal });
    if (!fetched.ok) return fetched;
    const { status, bytes } = fetched.value;
    if (status >= 200 && status < 300) return ok(bytes);
    return refuse("invalid_request", `its server answered ${status}`);
  };
}
