/** What is known of the other end of a connection before it says anything (websocket.md §5, network.md §8). */
export interface Peer {
  /** Socket address with an IPv4-mapped one unwrapped; empty if unknown. Forwarded addresses are never used. */
  readonly ip: string;
  readonly isLoopback: boolean;
  /** Loopback, a local `Host`, and no sign of a proxy in between. */
  readonly isLocalDirect: boolean;
  /** What `Host` names: this machine, something of a tailnet (which may be another's), or anything else. */
  readonly host: "local" | "tailnet" | "other";
  /** What a Tailscale proxy on this machine says of the caller; to be checked, never believed. */
  readonly tailnet?: TailnetClaim;
}

interface TailnetClaim {
  /** First address of `X-Forwarded-For`. */
  readonly address: string;
  /** Trimmed and lower-cased. */
  readonly login: string;
}

/** Any of these says that somebody forwards for another. `Forwarded` is the standard's own name for it (RFC 7239). */
const proxyHeaders = [
  "x-forwarded-for",
  "x-real-ip",
  "x-forwarded-proto",
  "x-forwarded-host",
  "x-forwarded-server",
  "x-forwarded-port",
  "x-client-ip",
  "x-cluster-client-ip",
  "forwarded",
  "via",
  "cf-connecting-ip",
  "true-client-ip",
] as const;

/** Reads where a request comes from. Pure; an unknown address is never loopback. */
export function describePeer(address: string | undefined, headers: Headers): Peer {
  const ip = unmapped(address ?? "");
  const isLoopback = isLoopbackAddress(ip);
  const host = hostKind(headers.get("host") ?? "");
  // A tailnet name grants nothing: anybody can have one that leads to this machine's loopback.
  const isLocalDirect = isLoopback && host === "local" && !proxyHeaders.some((name) => headers.has(name));
  const isProxied = isLoopback && !isLocalDirect && !isAnyonesName(headers.get("host") ?? "");
  const tailnet = isProxied ? tailnetClaim(headers) : undefined;
  return { ip, isLoopback, isLocalDirect, host, ...(tailnet === undefined ? {} : { tailnet }) };
}

/** True for 127.0.0.0/8 and `::1`, written as a socket writes them. */
export function isLoopbackAddress(ip: string): boolean {
  return ip === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(ip);
}

/** The host of a `Host` header without its port, lower-cased; brackets of an IPv6 address stay. */
function hostName(header: string): string {
  return header.trim().toLowerCase().replace(/:\d*$/, "");
}

function hostKind(header: string): Peer["host"] {
  const name = hostName(header);
  if (name === "localhost" || name === "127.0.0.1" || name === "[::1]") return "local";
  return /^[a-z0-9.-]+\.ts\.net$/.test(name) ? "tailnet" : "other";
}

/**
 * A name that a stranger may lead to this machine's loopback (DNS rebinding): his page could then write the headers of a
 * Tailscale proxy. That proxy is called by the machine's full name, by its short one, or by an address.
 */
function isAnyonesName(header: string): boolean {
  const name = hostName(header);
  return hostKind(header) === "other" && name.includes(".") && !/^(?:[\d.]+|\[[\da-f:.]+\])$/.test(name);
}

function unmapped(address: string): string {
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address);
  return mapped?.[1] ?? address;
}

function tailnetClaim(headers: Headers): TailnetClaim | undefined {
  const said = (name: string) => headers.get(name)?.trim() ?? "";
  const address = said("x-forwarded-for").split(",")[0]?.trim() ?? "";
  const login = (said("tailscale-user-login") || said("x-tailscale-user")).toLowerCase();
  if (address === "" || login === "" || said("x-forwarded-proto") === "" || said("x-forwarded-host") === "")
    return undefined;
  return { address, login };
}
