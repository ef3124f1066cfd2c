import { createHash } from "node:crypto";
import type { OAuthEndpoints } from "../src/sign-in/types.ts";

/** What a token request was refused with: status and body, as the vendors document them. */
export interface Refusing {
  readonly status: number;
  readonly body: unknown;
}

/** Refusals as they come over the wire. */
export const refusing = {
  /** Google: a code or refresh token that is used up or revoked (RFC 6749 §5.2). */
  invalidGrant: {
    status: 400,
    body: { error: "invalid_grant", error_description: "Token has been expired or revoked." },
  },
  /** OpenAI: a refresh token that was used before. */
  reused: {
    status: 401,
    body: {
      error: {
        message: "Your refresh token has already been used to generate a new access token.",
        type: "invalid_request_error",
        param: null,
        code: "refresh_token_reused",
      },
    },
  },
  invalidClient: {
    status: 401,
    body: { error: "invalid_client", error_description: "The OAuth client was not found." },
  },
  broken: { status: 503, body: "<html>upstream connect error</html>" },
} as const satisfies Record<string, Refusing>;

export interface OAuthServerOptions {
  /** Seconds a token lives; null tells none. Default 3600. */
  readonly expiresIn?: number | null;
  /** The application's secret; without one it is public. */
  readonly clientSecret?: string;
  /** Of the person who signs in. */
  readonly email?: string;
  readonly accountId?: string;
  /** What it says it granted. */
  readonly scope?: string;
  /** Whether a refresh token serves once. Default true. */
  readonly rotates?: boolean;
}

/** A sign-in server on loopback that speaks RFC 6749, 7636 and OpenID's userinfo. */
export interface OAuthServer extends AsyncDisposable {
  readonly endpoints: OAuthEndpoints;
  /** The forms of all token requests. */
  readonly asked: URLSearchParams[];
  /** Access tokens that were given, the newest last. */
  readonly given: string[];
  /** Answers the next token requests so, until undefined. */
  refuseWith: Refusing | undefined;
  /** Held back until resolved: what a slow server looks like. */
  gate: Promise<void> | undefined;
  /** What a browser does with the address: signs in, and comes back. @returns where it is sent to */
  signIn(authUrl: string): string;
}

export const testClientId = "carapace-test-client";

export function oauthServer(options: OAuthServerOptions = {}): OAuthServer {
  const grants = new Map<string, URLSearchParams>();
  const live = new Set<string>();
  let count = 0;
  const state: Pick<OAuthServer, "asked" | "given" | "refuseWith" | "gate"> = {
    ...{ asked: [], given: [], refuseWith: undefined, gate: undefined },
  };
  const tokens = () => {
    count += 1;
    const access = jwtOf({ count, ...options });
    const refresh = `refresh-${count}-planted`;
    live.add(refresh);
    state.given.push(access);
    const { expiresIn = 3600, scope } = options;
    return Response.json({
      ...{ access_token: access, token_type: "Bearer", refresh_token: refresh },
      id_token: idTokenOf(options),
      ...(expiresIn === null ? {} : { expires_in: expiresIn }),
      ...(scope === undefined ? {} : { scope }),
    });
  };
  const token = async (request: Request) => {
    const form = new URLSearchParams(await request.text());
    state.asked.push(form);
    await state.gate;
    if (state.refuseWith) return refusal(state.refuseWith);
    const isClient =
      form.get("client_id") === testClientId &&
      (form.get("client_secret") ?? undefined) === options.clientSecret;
    if (!isClient) return refusal(refusing.invalidClient);
    const isGood = form.get("grant_type") === "refresh_token" ? takeRefresh(form) : takeCode(form, grants);
    return isGood ? tokens() : refusal(refusing.invalidGrant);
  };
  const takeRefresh = (form: URLSearchParams) => {
    const refresh = form.get("refresh_token") ?? "";
    if (!live.has(refresh)) return false;
    if (options.rotates !== false) live.delete(refresh);
    return true;
  };
  const server = Bun.serve({
    ...{ hostname: "127.0.0.1", port: 0, development: false },
    routes: {
      "/token": { POST: token },
      "/userinfo": (request) =>
        state.given.some((one) => request.headers.get("authorization") === `Bearer ${one}`)
          ? Response.json({ sub: "user-1", email: options.email ?? "jane@example.org", name: "Jane" })
          : new Response("", { status: 401 }),
    },
    fetch: () => new Response("", { status: 404 }),
  });
  const origin = `http://127.0.0.1:${server.port}`;
  return Object.assign(state, {
    endpoints: {
      authorize: `${origin}/authorize`,
      token: `${origin}/token`,
      userInfo: `${origin}/userinfo`,
    },
    signIn: (authUrl: string) => {
      const query = new URL(authUrl).searchParams;
      const code = `4/0A${grants.size}-code`;
      grants.set(code, query);
      const back = new URL(query.get("redirect_uri") ?? "");
      back.searchParams.set("code", code);
      back.searchParams.set("state", query.get("state") ?? "");
      return back.href;
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  });
}

function takeCode(form: URLSearchParams, grants: Map<string, URLSearchParams>): boolean {
  const code = form.get("code") ?? "";
  const asked = grants.get(code);
  grants.delete(code);
  if (asked === undefined || form.get("grant_type") !== "authorization_code") return false;
  const challenge = createHash("sha256")
    .update(form.get("code_verifier") ?? "")
    .digest("base64url");
  return (
    asked.get("response_type") === "code" &&
    asked.get("code_challenge_method") === "S256" &&
    asked.get("code_challenge") === challenge &&
    asked.get("redirect_uri") === form.get("redirect_uri")
  );
}

function refusal({ status, body }: Refusing): Response {
  return typeof body === "string" ? new Response(body, { status }) : Response.json(body, { status });
}

function jwtOf({ count, accountId = "account-1" }: OAuthServerOptions & { readonly count: number }): string {
  return jwt({
    ...{ sub: "auth0|1", count },
    "https://api.openai.com/auth": { chatgpt_account_id: accountId, user_id: "user-1" },
  });
}

function idTokenOf({ email = "jane@example.org" }: OAuthServerOptions): string {
  return jwt({ sub: "user-1", email, name: "Jane" });
}

function jwt(claims: unknown): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256" })}.${part(claims)}.c2lnbmF0dXJl`;
}
