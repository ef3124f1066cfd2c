import type { Arrivals } from "../audit/arrivals.ts";
import type { Attempts } from "../connection/attempts.ts";
import { authenticate, type Proof } from "../connection/authenticate.ts";
import { type Credentials, isSameSecret, present } from "../connection/credentials.ts";
import type { Whois } from "../connection/tailscale.ts";
import { bearerOf, hooksTokenOf } from "./bearer.ts";
import { familyWords } from "./families.ts";
import { tooManyRequests } from "./rate-limits.ts";
import type { Caller, RouteFamily, Visit } from "./route.ts";

export interface AdmitDeps {
  readonly credentials: Credentials;
  readonly whois?: Whois | undefined;
  /** `gateway.hooks.token` as it is now. */
  readonly hooksToken: () => string | undefined;
  /** Failures are counted together with those of `connect`. */
  readonly attempts: Attempts;
  /** Apart: whoever has the hooks token must not be forgiven guesses at the owner's secret for it. */
  readonly hookAttempts: Attempts;
  readonly arrivals: Arrivals;
  readonly nowMs: () => number;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** A request for a known route, its caller unknown. */
export type Knock = Pick<Visit, "request" | "peer" | "clientIp" | "url">;

export type Admitted =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly response: Response };

/** Decides who asks for a route of this family, and whether he may (http.md §4). */
export async function admit(knock: Knock, family: RouteFamily, deps: AdmitDeps): Promise<Admitted> {
  switch (family) {
    case "public":
    case "page":
    case "webhook":
      return { ok: true, caller: { kind: "public" } };
    case "local":
      if (knock.peer.isLocalDirect) return { ok: true, caller: { kind: "local" } };
      return await tried(knock, { family, deps, given: bearerOf(knock.request.headers) });
    case "hooks":
      return await tried(knock, { family, deps, given: hooksTokenOf(knock.request.headers) });
    case "control":
    case "openai":
    case "tools":
      return await tried(knock, { family, deps, given: bearerOf(knock.request.headers) });
  }
}

interface Attempt {
  readonly family: RouteFamily;
  readonly deps: AdmitDeps;
  /** What the caller shows; undefined: nothing. */
  readonly given: string | undefined;
}

/** A wrong secret costs time, and is told to the audit log; none at all is only refused. */
async function tried(knock: Knock, { family, deps, given }: Attempt): Promise<Admitted> {
  const { arrivals } = deps;
  const attempts = family === "hooks" ? deps.hookAttempts : deps.attempts;
  const peer = { ...knock.peer, ip: knock.clientIp };
  const told = {
    method: deps.credentials.mode,
    clientId: "http",
    ip: knock.clientIp,
    endpoint: knock.url.pathname.slice(0, 200),
  };
  const waitMs = given === undefined ? 0 : attempts.reserve(peer, deps.nowMs());
  if (waitMs === undefined) {
    arrivals.refused({ kind: "rate_limit_hit", ...told, reason: "too many failed attempts" });
    return { ok: false, response: tooManyRequests(retryAfterSeconds) };
  }
  if (waitMs > 0) await deps.wait(waitMs, knock.request.signal);
  const judged = family === "hooks" ? judgeHook(given, deps) : await judgeService(knock, given, deps);
  if (judged.ok) {
    // Whoever comes in without showing anything has proved nothing about what was shown before.
    if (given !== undefined) attempts.succeeded(peer);
    return judged;
  }
  if (given !== undefined) {
    attempts.failed(peer, deps.nowMs());
    arrivals.refused({ kind: "auth_failure", ...told, reason: judged.say });
  }
  return { ok: false, response: familyWords[family].unauthorized() };
}

/** About what it takes until one more attempt is heard. */
const retryAfterSeconds = 10;

type Judged = { readonly ok: true; readonly caller: Caller } | { readonly ok: false; readonly say: string };

function judgeHook(given: string | undefined, { hooksToken }: AdmitDeps): Judged {
  const expected = present(hooksToken())?.trim();
  if (expected === undefined) return { ok: false, say: "no hooks token is set" };
  if (given === undefined) return { ok: false, say: "hooks token missing" };
  const isRight = isSameSecret(given, expected);
  return isRight ? { ok: true, caller: { kind: "bearer" } } : { ok: false, say: "hooks token mismatch" };
}

async function judgeService(
  { peer }: Knock,
  given: string | undefined,
  { credentials, whois }: AdmitDeps,
): Promise<Judged> {
  const outcome = await authenticate(peer, { token: given, password: given }, { credentials, whois });
  if (!outcome.ok) return outcome;
  return { ok: true, caller: callerBy(outcome.value, peer.tailnet?.login) };
}

function callerBy(proof: Proof, login: string | undefined): Caller {
  if (proof === "local") return { kind: "local" };
  if (proof === "tailscale") return { kind: "tailscale", ...(login !== undefined && { login }) };
  return { kind: "bearer" };
}
