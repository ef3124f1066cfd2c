import { createHash, randomBytes } from "node:crypto";
import { Secret } from "@carapace/config";
import { ok, type Result, refuse } from "@carapace/protocol";
import type { OAuthProvider, SignedIn } from "../types.ts";
import { ask, checkEndpoint, describe } from "./ask.ts";
import { claimsOf, openaiWho, openidWho, type Who } from "./claims.ts";
import { askForTokens, type GivenTokens } from "./tokens.ts";
import type { OAuthClient, OAuthEndpoints, SignInAnswer, SignInFlow, SignInRequest } from "./types.ts";
import { signInVendors } from "./vendors.ts";

/** Somebody who signed in, before anything is stored. */
export interface NewSignIn {
  readonly provider: OAuthProvider;
  readonly client: OAuthClient;
  readonly tokens: GivenTokens;
  readonly who: Who;
  readonly redirectUri: string;
  readonly endpoints: OAuthEndpoints;
  readonly scopes: readonly string[];
}

export interface FlowDeps {
  readonly nowMs: () => number;
  readonly endpoints: OAuthEndpoints;
  /** `codex-cli-…` at a terminal, `codex-…` in the control page. */
  readonly statePrefix: string;
  readonly keep: (made: NewSignIn) => Promise<Result<SignedIn>>;
}

/** A code flow with PKCE (RFC 7636, S256): one verifier, one state, one exchange. */
export function createFlow(request: SignInRequest, redirectUri: string, deps: FlowDeps): Result<SignInFlow> {
  const client = checkClient(request.client);
  if (!client.ok) return client;
  const authorize = checkEndpoint(deps.endpoints.authorize);
  if (!authorize.ok) return authorize;
  const redirect = checkRedirect(redirectUri);
  if (!redirect.ok) return redirect;
  const vendor = signInVendors[request.provider];
  const scopes = request.scopes ?? vendor.scopes;
  const verifier = new Secret(randomBytes(32).toString("base64url"));
  const state = `${deps.statePrefix}-${crypto.randomUUID()}`;
  const url = new URL(authorize.value);
  const query: Readonly<Record<string, string>> = {
    response_type: "code",
    client_id: client.value.id,
    redirect_uri: redirectUri,
    scope: scopes.join(" "),
    state,
    code_challenge: createHash("sha256").update(verifier.reveal()).digest("base64url"),
    code_challenge_method: "S256",
    ...vendor.extra,
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const exchange = { ...deps, ...request, client: client.value, redirectUri, scopes, verifier };
  let finished: Promise<Result<SignedIn>> | undefined;
  return ok({
    ...{ provider: request.provider, authUrl: url.href, redirectUri, state },
    finish: (answer, signal) => {
      finished ??= finish(answer, exchange, signal);
      return finished;
    },
  });
}

interface Exchange extends FlowDeps {
  readonly provider: OAuthProvider;
  readonly client: OAuthClient;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly verifier: Secret;
}

async function finish(
  answer: SignInAnswer,
  exchange: Exchange,
  signal: AbortSignal | undefined,
): Promise<Result<SignedIn>> {
  const { provider, client, endpoints, redirectUri, verifier, nowMs, keep, scopes } = exchange;
  const { label } = signInVendors[provider];
  if ("error" in answer) {
    const word = /^[a-z][a-z_]{0,63}$/.test(answer.error) ? answer.error : undefined;
    return refuse("unauthorized", `${label} signed nobody in: ${describe(word)}`);
  }
  const tokens = await askForTokens({
    ...{ endpoint: endpoints.token, client, label, nowMs, signal },
    grant: {
      grant_type: "authorization_code",
      code: answer.code,
      redirect_uri: redirectUri,
      code_verifier: verifier.reveal(),
    },
  });
  if (!tokens.ok) return tokens;
  if (isWithheld(tokens.value, scopes))
    return refuse(
      "unauthorized",
      `${label} signed somebody in who did not allow what a model needs: start again, and tick every box`,
    );
  const who = await whoSignedIn(tokens.value, exchange, signal);
  if (!who.ok) return who;
  return keep({ provider, client, tokens: tokens.value, who: who.value, redirectUri, endpoints, scopes });
}

/** A person may leave out some of what was asked for; the names of a person are told in other words. */
function isWithheld({ scope }: GivenTokens, scopes: readonly string[]): boolean {
  const granted = scope?.split(" ");
  return granted !== undefined && scopes.some((one) => one.startsWith("https://") && !granted.includes(one));
}

async function whoSignedIn(
  { accessToken, idToken }: GivenTokens,
  { provider, endpoints }: Exchange,
  signal: AbortSignal | undefined,
): Promise<Result<Who>> {
  const { label } = signInVendors[provider];
  if (provider === "openai") return named(openaiWho(accessToken, idToken), label);
  if (endpoints.userInfo === undefined) return named(openidWho(claimsOf(idToken)), label);
  const headers = { authorization: `Bearer ${accessToken.reveal()}` };
  const info = await ask(endpoints.userInfo, { method: "GET", headers, label, signal });
  return info.ok ? named(openidWho(info.value), label) : info;
}

function named(who: Who, label: string): Result<Who> {
  if (who.userId !== undefined || who.email !== undefined) return ok(who);
  return refuse("unavailable", `${label} did not say who signed in: try again later`);
}

function checkClient({ id, secret }: OAuthClient): Result<OAuthClient> {
  const trimmed = id.trim();
  // It is written down: what stands for a variable, or for something sealed, would come back as another text.
  if (!/^[\x21-\x7e]{1,512}$/.test(trimmed) || /^enc:|\$\{/.test(trimmed))
    return refuse("invalid_request", "the client id is missing, or holds characters that no client id has");
  const text = secret?.reveal().trim() ?? "";
  if (text !== "" && !/^[\x21-\x7e]{1,1024}$/.test(text))
    return refuse("invalid_request", "the client secret holds characters that no client secret has");
  return ok(text === "" ? { id: trimmed } : { id: trimmed, secret: new Secret(text) });
}

/** Absolute, without a fragment or a name in front of the host (agent.md §15). */
function checkRedirect(uri: string): Result<undefined> {
  const url = URL.parse(uri);
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  const isPlain = url !== null && url.username === "" && url.password === "" && !uri.includes("#");
  if (isWeb && isPlain && uri.length <= 2048) return ok(undefined);
  return refuse(
    "invalid_request",
    "the redirect address must be an http or https address without a fragment",
  );
}
