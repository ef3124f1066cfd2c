import { isIp } from "@carapace/config";
import type { Peer } from "../listen/peer.ts";

/** Addresses whose word about others counts, as `plainIp` writes them. */
export type TrustedProxies = ReadonlySet<string>;

/** The configured addresses; what is no address is left out. */
export function trustedProxies(texts: readonly string[]): TrustedProxies {
  return new Set(texts.flatMap((text) => plainIp(text) ?? []));
}

/**
 * The address a request came from (http.md §4.4). Only a trusted proxy is believed, and only the hop it saw itself: the
 * entries of `X-Forwarded-For` are read from the right, past other trusted proxies, to the first that is none. What
 * stands further left the caller may have written. Without that header `X-Real-IP` counts.
 */
export function clientIp({ ip }: Pick<Peer, "ip">, headers: Headers, trusted: TrustedProxies): string {
  if (!trusted.has(ip)) return ip;
  const hops = headers.get("x-forwarded-for")?.split(",") ?? [headers.get("x-real-ip") ?? ""];
  let nearest = ip;
  for (const hop of hops.reverse()) {
    const address = plainIp(hop);
    // Nonsense can only have come with the request: the last hop that can be believed stands for it.
    if (address === undefined) return nearest;
    nearest = address;
    if (!trusted.has(address)) return nearest;
  }
  return nearest;
}

/** An address without blanks, brackets, port and IPv4 mapping, lower-cased; undefined for anything else. */
function plainIp(text: string): string | undefined {
  const trimmed = text.trim().toLowerCase();
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(trimmed)?.[1] ?? trimmed.replace(/^([\d.]+):\d+$/, "$1");
  const address = bare.replace(/^::ffff:(?=[\d.]+$)/, "");
  return isIp(address) === 0 ? undefined : address;
}
