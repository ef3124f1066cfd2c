export type Scheme = "http" | "https";

/** What says whether a page comes from the host it calls. */
export interface Visited {
  /** As a browser writes it: scheme, host and port. */
  readonly origin: string;
  readonly host: string | null;
  /** How the caller reaches that host, if it is known: behind a proxy it may not be. */
  readonly scheme: Scheme | undefined;
}

/** Whether origin and host are one, port and, where it is known, scheme included; a subdomain is another. Pure. */
export function isSameOrigin({ origin, host, scheme }: Visited): boolean {
  const match = /^(https?):\/\/([^/@\s]+)$/.exec(origin.trim().toLowerCase());
  if (match === null || host === null) return false;
  if (scheme !== undefined && match[1] !== scheme) return false;
  const defaultPort = match[1] === "https" ? ":443" : ":80";
  const withPort = (name: string) => (/:\d+$/.test(name) ? name : name + defaultPort);
  return withPort(match[2] ?? "") === withPort(host.trim().toLowerCase());
}

/**
 * Decides about the `Origin` of a WebSocket upgrade, so that a web page of another site cannot talk to the gateway
 * through its visitor's browser (websocket.md §1). Programs send none; pages must come from the host they call.
 */
export function isOriginAllowed(origin: string | null, host: string | null, scheme?: Scheme): boolean {
  return origin === null || isSameOrigin({ origin, host, scheme });
}
