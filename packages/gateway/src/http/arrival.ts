import type { Scheme } from "../listen/origin.ts";
import { isLoopbackAddress, type Peer } from "../listen/peer.ts";
import { clientIp, type TrustedProxies } from "./client-ip.ts";

/** A request and where it came from. */
export interface Arrival {
  readonly request: Request;
  readonly peer: Peer;
  /** How many seconds the connection may be silent from now on; 0: as long as it likes. */
  readonly mayBeSilent: (seconds: number) => void;
}

/** What is known of a request before it is looked at closer. */
export interface Particulars {
  readonly url: URL;
  readonly clientIp: string;
  readonly requestId: string;
  /** How the caller reaches us; undefined behind a proxy that nobody vouches for. */
  readonly scheme: Scheme | undefined;
  /** The connection is encrypted by us. */
  readonly isTls: boolean;
}

export function particularsOf(
  { request, peer }: Arrival,
  { trusted, newId }: { trusted: TrustedProxies; newId: () => string },
): Particulars {
  const { headers } = request;
  const isFromProxy = trusted.has(peer.ip);
  const isTls = request.url.startsWith("https:");
  return {
    url: urlOf(request),
    clientIp: clientIp(peer, headers, trusted),
    requestId: (isFromProxy && saneId(headers.get("x-request-id"))) || newId(),
    scheme: schemeOf({ request, peer }, trusted),
    isTls,
  };
}

/** How the caller reaches us, as far as somebody who is believed says it. */
export function schemeOf(
  { request, peer }: Pick<Arrival, "request" | "peer">,
  trusted: TrustedProxies,
): Scheme | undefined {
  if (request.url.startsWith("https:")) return "https";
  if (peer.isLocalDirect) return "http";
  return trusted.has(peer.ip) ? forwardedScheme(request.headers) : undefined;
}

/** The same peer, under the address that a trusted proxy tells of it: behind one all would be counted together. */
export function seenThrough(peer: Peer, headers: Headers, trusted: TrustedProxies): Peer {
  const ip = clientIp(peer, headers, trusted);
  return ip === peer.ip ? peer : { ...peer, ip, isLoopback: isLoopbackAddress(ip) };
}

/** Without a usable `Host` the server hands on the bare path, or what cannot be read. */
function urlOf({ url }: Request): URL {
  return URL.parse(url) ?? new URL(`http://localhost${url.replace(/^https?:\/\/[^/]*/, "")}`);
}

/** It goes into headers and logs. */
function saneId(text: string | null): string | undefined {
  return text !== null && /^[\w.:-]{1,128}$/.test(text) ? text : undefined;
}

function forwardedScheme(headers: Headers): Scheme | undefined {
  const said = headers.get("x-forwarded-proto")?.trim().toLowerCase();
  return said === "http" || said === "https" ? said : undefined;
}
