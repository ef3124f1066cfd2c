import type { Arrivals } from "../audit/arrivals.ts";
import type { Attempts } from "../connection/attempts.ts";
import { authenticate, type Offer } from "../connection/authenticate.ts";
import type { Credentials } from "../connection/credentials.ts";
import type { Whois } from "../connection/tailscale.ts";
import type { Visit } from "./app.ts";

export interface ServiceAuthDeps {
  readonly credentials: Credentials;
  readonly whois?: Whois | undefined;
  readonly attempts: Attempts;
  readonly arrivals: Arrivals;
  readonly nowMs: () => number;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Whether a request may use the service routes (http.md §4.1). Shares the slowing down of failures with `connect`. */
export async function isServiceCaller({ request, peer }: Visit, deps: ServiceAuthDeps): Promise<boolean> {
  const bearer = bearerOf(request.headers.get("authorization"));
  const waitMs = bearer === undefined ? 0 : deps.attempts.reserve(peer, deps.nowMs());
  const told = {
    method: deps.credentials.mode,
    clientId: "http",
    ip: peer.ip,
    endpoint: URL.parse(request.url)?.pathname.slice(0, 200) ?? "/",
  };
  if (waitMs === undefined) {
    deps.arrivals.refused({ kind: "rate_limit_hit", ...told, reason: "too many failed attempts" });
    return false;
  }
  if (waitMs > 0) await deps.wait(waitMs, request.signal);
  const offer: Offer = { token: bearer, password: bearer };
  const outcome = await authenticate(peer, offer, { credentials: deps.credentials, whois: deps.whois });
  if (outcome.ok) deps.attempts.succeeded(peer);
  else if (bearer !== undefined) {
    deps.attempts.failed(peer, deps.nowMs());
    deps.arrivals.refused({ kind: "auth_failure", ...told, reason: outcome.say });
  }
  return outcome.ok;
}

function bearerOf(header: string | null): string | undefined {
  return header?.startsWith("Bearer ") ? header.slice("Bearer ".length).trim() || undefined : undefined;
}
