import { isIP } from "node:net";
import { type AddressPolicy, judgeAddress } from "../addresses/judge.ts";
import { type FetchResult, fetched, refuseFetch } from "../failures.ts";
import { isNameBlocked } from "./names.ts";
import { isPortBlocked } from "./ports.ts";

export type Scheme = "http" | "https";

/** Where a request goes, as far as its URL alone tells. */
export interface Target {
  readonly url: URL;
  readonly isSecure: boolean;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether `host` is an address: there is nothing to look up then. */
  readonly isAddress: boolean;
}

export interface UrlPolicy extends AddressPolicy {
  /** Default: https alone. */
  readonly schemes?: readonly Scheme[];
}

/** Bytes of a URL. */
export const maxUrlBytes = 2048;

const ports: Readonly<Record<Scheme, number>> = { http: 80, https: 443 };

/**
 * Pure. Judges a URL after `URL` normalised it, so that every spelling of a host is the same (http.md §14). What passes
 * has not been looked up yet: the addresses behind a name are judged when they are known.
 */
export function checkUrl(text: string, policy: UrlPolicy = {}): FetchResult<Target> {
  if (Buffer.byteLength(text) > maxUrlBytes) return refuseFetch("url_too_long");
  const url = URL.parse(text);
  if (url === null) return refuseFetch("invalid_url");
  const scheme = schemeOf(url);
  if (scheme === undefined || !(policy.schemes ?? ["https"]).includes(scheme))
    return refuseFetch("protocol_not_allowed");
  // A password in a URL ends in logs, and a name before an @ is mostly there to look like the host.
  if (url.username !== "" || url.password !== "") return refuseFetch("credentials_in_url");
  const host = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  const isAddress = isIP(host) !== 0;
  const isBlocked = isAddress ? !judgeAddress(host, policy).allowed : isNameBlocked(host, policy);
  if (isBlocked) return refuseFetch("blocked_address");
  const port = url.port === "" ? ports[scheme] : Number(url.port);
  if (isPortBlocked(port)) return refuseFetch("blocked_port");
  return fetched({ url, isSecure: scheme === "https", host, port, isAddress });
}

/** Whether a URL names this machine by one of the names that cannot be pointed elsewhere. */
export function isThisMachine({ hostname }: URL): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}

function schemeOf({ protocol }: URL): Scheme | undefined {
  if (protocol === "https:") return "https";
  return protocol === "http:" ? "http" : undefined;
}
