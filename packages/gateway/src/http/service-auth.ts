import type { Attempts } from "../connection/attempts.ts";
import { authenticate, type Offer } from "../connection/authenticate.ts";
import type { Credentials } from "../connection/credentials.ts";
import type { Whois } from "../connection/tailscale.ts";
import type { Visit } from "./app.ts";

export interface ServiceAuthDeps {
  readonly credentials: Credentials;
  readonly whois?: Whois | undefined;
  readonly attempts: Attempts;
  readonly nowMs: () => number;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Whether a request may use the service routes (http.md §4.1). Shares the slowing down of failures with `connect`. */
export async function isServiceCaller({ request, peer }: Visit, deps: ServiceAuthDeps): Promise<boolean> {
  const bearer = bearerOf(request.headers.get("authorization"));
  const waitMs = bearer === undefined ? 0 : deps.attempts.reserve(peer, deps.nowMs());
  if (waitMs === undefined) return false;
  if (waitMs > 0) await deps.wait(waitMs, request.signal);
  const offer: Offer = { token: bearer, password: bearer };
  const { ok } = await authenticate(peer, offer, { credentials: deps.credentials, whois: deps.whois });
  if (ok) deps.attempts.succeeded(peer);
  else if (bearer !== undefined) deps.attempts.failed(peer, deps.nowMs());
  return ok;
}

function bearerOf(header: string | null): string | undefined {
  return header?.startsWith("Bearer ") ? header.slice("Bearer ".length).trim() || undefined : undefined;
}
