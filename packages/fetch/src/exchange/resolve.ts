import { type AddressPolicy, judgeAddress } from "../addresses/judge.ts";
import { type FetchResult, fetched, refuseFetch } from "../failures.ts";
import type { Target } from "../url/check-url.ts";

/** Finds the addresses of a name. Contract: rejects if there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** More than any honest name has. */
const maxAddresses = 64;
const lookupTimeoutMs = 10_000;

/** As every program of this machine does: its hosts file, its servers, its search domains. */
export const systemResolve: Resolve = async (host) => {
  const { lookup } = await import("node:dns/promises");
  const found = await lookup(host, { all: true, order: "verbatim" });
  return found.map(({ address }) => address);
};

/**
 * The addresses that a connection to a target may be made to, in the resolver's order. One that is blocked blocks the
 * name: which of them an attacker's server hands out next is the attacker's choice.
 */
export async function allowedAddresses(
  target: Target,
  { policy, resolve, signal }: { policy: AddressPolicy; resolve: Resolve; signal: AbortSignal },
): Promise<FetchResult<readonly string[]>> {
  // Judged with its URL already.
  if (target.isAddress) return fetched([target.host]);
  const found = await within(resolve(target.host), signal);
  if (found === undefined || found.length === 0 || found.length > maxAddresses)
    return refuseFetch("dns_failed");
  if (!found.every((address) => judgeAddress(address, policy).allowed)) return refuseFetch("blocked_address");
  return fetched(found);
}

/** @returns undefined if it fails or takes too long; a look-up cannot be called back, only no longer be waited for */
async function within<T>(looking: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const stop = () => late.resolve(undefined);
  const timer = setTimeout(stop, lookupTimeoutMs);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([looking, late.promise]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
