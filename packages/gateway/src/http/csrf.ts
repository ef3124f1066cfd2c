import { isSameOrigin, type Scheme } from "../listen/origin.ts";
import { type CsrfTokens, type CsrfTokensDeps, createCsrfTokens, csrfLifeSeconds } from "./csrf-tokens.ts";
import type { Visit } from "./route.ts";

/** The cookies that go with a page, and what its scripts have to send back (http.md §3.5). */
export interface IssuedCsrf {
  /** Values of `Set-Cookie`. */
  readonly cookies: readonly string[];
  readonly cookieName: string;
  readonly headerName: string;
}

/** Keeps pages of other sites from changing something in the name of a browser that was let in. */
export interface Csrf {
  /** For whoever serves the page: a session of its own, or the one it has. */
  issue(visit: Pick<Visit, "request" | "isSecure">): IssuedCsrf;
  /** Judges a request that would change something. @returns the refusal, or undefined. */
  deny(headers: Headers, scheme: Scheme | undefined): Response | undefined;
}

const headerName = "x-csrf-token";
const secure = { session: "__Host-session", token: "__Host-csrf", attributes: "; Secure" };
const insecure = { session: "session", token: "csrf", attributes: "" };

export function createCsrf(deps: CsrfTokensDeps): Csrf {
  const tokens = createCsrfTokens(deps);
  return {
    issue({ request, isSecure }) {
      const names = isSecure ? secure : insecure;
      const { id, token } = tokens.issue(cookieOf(request.headers, names.session));
      const rest = `SameSite=Strict${names.attributes}; Max-Age=${csrfLifeSeconds}`;
      return {
        cookies: [
          `${names.session}=${id}; Path=/; HttpOnly; ${rest}`,
          `${names.token}=${token}; Path=/; ${rest}`,
        ],
        cookieName: names.token,
        headerName,
      };
    },
    deny: (headers, scheme) => denyForgery(headers, scheme, tokens),
  };
}

function denyForgery(headers: Headers, scheme: Scheme | undefined, tokens: CsrfTokens): Response | undefined {
  const origin = originOf(headers);
  const host = headers.get("host");
  if (origin !== undefined && !host) return csrfError("Origin host missing");
  if (origin !== undefined && !isSameOrigin({ origin, host, scheme })) return csrfError("Origin mismatch");
  // Only a page can have a session: commands bring their credential, which is looked at next.
  const id = sessionIdOf(headers);
  if (id === undefined) return undefined;
  if (origin === undefined) return csrfError("Origin missing");
  const token = headers.get(headerName);
  if (!token) return csrfError("CSRF token missing");
  const verdict = tokens.judge(id, token);
  return verdict === "valid" ? undefined : csrfError(`CSRF token ${verdict}`);
}

/**
 * Judges a request that would change something, and that came in without a credential a page cannot have: through
 * the loopback or a tailnet (http.md §3.5). @returns the refusal, or undefined.
 */
export function denyForeignPage(headers: Headers, scheme: Scheme | undefined): Response | undefined {
  const origin = originOf(headers);
  const host = headers.get("host");
  if (origin !== undefined && !isSameOrigin({ origin, host, scheme })) return csrfError("Origin mismatch");
  // Said by browsers, and by nobody's script; also where they leave Origin out.
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return csrfError("Origin mismatch");
  return undefined;
}

/** The page a request comes from: `Origin`, else what `Referer` begins with; undefined: none is said. */
function originOf(headers: Headers): string | undefined {
  const origin = headers.get("origin");
  if (origin !== null) return origin;
  const referer = headers.get("referer");
  return referer === null ? undefined : (URL.parse(referer)?.origin ?? "null");
}

/** The session of the page that a request comes from, if it comes from one. */
export function sessionIdOf(headers: Headers): string | undefined {
  return cookieOf(headers, secure.session) ?? cookieOf(headers, insecure.session);
}

/** The first cookie of that name. */
function cookieOf(headers: Headers, name: string): string | undefined {
  for (const pair of (headers.get("cookie") ?? "").split(";")) {
    const [key = "", value] = pair.split("=", 2);
    if (key.trim() === name && value?.trim()) return value.trim();
  }
  return undefined;
}

type CsrfRefusal =
  | "Origin host missing"
  | "Origin mismatch"
  | "Origin missing"
  | "CSRF token missing"
  | "CSRF token invalid"
  | "CSRF token expired";

function csrfError(message: CsrfRefusal): Response {
  return new Response(JSON.stringify({ error: { code: "csrf_error", message } }), {
    status: 403,
    headers: { "Content-Type": "application/json; charset=utf-8" },
  });
}
