import type { Arrivals } from "../audit/arrivals.ts";
import type { Attempts } from "../connection/attempts.ts";
import { authenticate, type Offer } from "../connection/authenticate.ts";
import type { Credentials } from "../connection/credentials.ts";
import type { Whois } from "../connection/tailscale.ts";
import type { Peer } from "../listen/peer.ts";
import type { Caller } from "./route.ts";

export interface ServiceAuthDeps {
  readonly credentials: Credentials;
  readonly whois?: Whois | undefined;
  readonly attempts: Attempts;
  readonly arrivals: Arrivals;
  readonly nowMs: () => number;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** A request that has been matched with a route, its caller unknown. */
export interface Knock {
  readonly request: Request;
  readonly peer: Peer;
  readonly url: URL;
}

/**
 * Who asks for a service route (http.md §4.1). Shares the slowing down of failures with `connect`.
 * @returns undefined for somebody who may not.
 */
export async function serviceCaller(knock: Knock, deps: ServiceAuthDeps): Promise<Caller | undefined> {
  const { request, peer, url } = knock;
  const bearer = bearerOf(request.headers.get("authorization"));
  const waitMs = bearer === undefined ? 0 : deps.attempts.reserve(peer, deps.nowMs());
  const told = {
    method: deps.credentials.mode,
    clientId: "http",
    ip: peer.ip,
    endpoint: url.pathname.slice(0, 200),
  };
  if (waitMs === undefined) {
    deps.arrivals.refused({ kind: "rate_limit_hit", ...told, reason: "too many failed attempts" });
    return undefined;
  }
  if (waitMs > 0) await deps.wait(waitMs, request.signal);
  const offer: Offer = { token: bearer, password: bearer };
  const outcome = await authenticate(peer, offer, { credentials: deps.credentials, whois: deps.whois });
  if (outcome.ok) {
    deps.attempts.succeeded(peer);
    if (outcome.value === "local") return { kind: "local" };
    if (outcome.value !== "tailscale") return { kind: "bearer" };
    return { kind: "tailscale", ...(peer.tailnet && { login: peer.tailnet.login }) };
  }
  if (bearer !== undefined) {
    deps.attempts.failed(peer, deps.nowMs());
    deps.arrivals.refused({ kind: "auth_failure", ...told, reason: outcome.say });
  }
  return undefined;
}

/** The text after `Bearer `, trimmed; undefined for none or another scheme. */
export function bearerOf(header: string | null): string | undefined {
  return header?.startsWith("Bearer ") ? header.slice("Bearer ".length).trim() || undefined : undefined;
}
