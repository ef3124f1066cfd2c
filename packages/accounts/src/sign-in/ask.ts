import { type FetchOptions, guardedFetch, isThisMachine } from "@carapace/fetch";
import { isRecord, ok, parseJson, type Refusal, type Result, refuse } from "@carapace/protocol";

/** Why a sign-in server gave nothing. */
export interface AskRefusal extends Refusal {
  readonly details: {
    /**
     * `dead`: the code or refresh token is not taken any more. `refused`: anything else it said no to. `unreachable`: no
     * proper answer; it may work later.
     */
    readonly reason: "dead" | "refused" | "unreachable";
  };
}

export interface AskOptions extends Pick<FetchOptions, "method" | "headers" | "body"> {
  /** Of the server, for sentences. */
  readonly label: string;
  readonly signal?: AbortSignal | undefined;
}

const timeoutMs = 30_000;
const maxBytes = 256 * 1024;

/** Asks a sign-in server for a JSON object (RFC 6749 §5), within 30 s. What it says is told only as a known word. */
export async function ask(
  url: string,
  { label, signal, ...request }: AskOptions,
): Promise<{ readonly ok: true; readonly value: Record<string, unknown> } | AskRefusal> {
  const answer = await guardedFetch(url, {
    ...request,
    ...policyOf(url),
    ...{ timeoutMs, maxBytes },
    ...(signal ? { signal } : {}),
    headers: { accept: "application/json", ...request.headers },
  });
  if (!answer.ok) return because("unreachable", `${label} could not be asked: ${answer.say}`);
  const { status, bytes } = answer.value;
  const json = parseJson(new TextDecoder().decode(bytes));
  const body = isRecord(json) ? json : undefined;
  if (status === 200 && body !== undefined) return { ok: true, value: body };
  if (status === 429 || status >= 500 || status === 200)
    return because("unreachable", `${label} gave no proper answer (${status}): try again later`);
  return refusalOf({ label, status, error: body?.["error"] });
}

/** Of its own addresses only https and public ones; http on this machine alone, for a server of one's own. */
function policyOf(url: string): Pick<FetchOptions, "schemes" | "allowPrivate"> {
  const parsed = URL.parse(url);
  return parsed !== null && isThisMachine(parsed)
    ? { schemes: ["http", "https"], allowPrivate: true }
    : { schemes: ["https"] };
}

/** A grant that is used up, revoked or too old: RFC 6749 §5.2, and OpenAI's own words for it. */
const deadWords = new Set([
  ...["invalid_grant", "refresh_token_expired", "refresh_token_reused", "refresh_token_invalidated"],
  ...["token_expired", "app_session_terminated"],
]);

const advice: Readonly<Record<string, string>> = {
  invalid_client: "check the client id and the client secret",
  unauthorized_client: "that application may not sign people in like this: check the client id",
  redirect_uri_mismatch: "register the redirect address with the application first",
  invalid_scope: "that application may not ask for the access a model needs",
  access_denied: "it was declined in the browser",
  unsupported_grant_type: "that application may not stay signed in",
  admin_policy_enforced: "an administrator of the account does not allow it",
  org_internal: "the application is for its own organisation alone",
};

function refusalOf(said: {
  readonly label: string;
  readonly status: number;
  readonly error: unknown;
}): AskRefusal {
  const { label, status, error } = said;
  const word = wordOf(error);
  if (word !== undefined && deadWords.has(word))
    return because("dead", `${label} does not take this sign-in any more (${word}): sign in anew`);
  return because("refused", `${label} refused: ${describe(word, status)}`);
}

/** In RFC 6749 the error is a word; OpenAI also answers with an object that has it as `code`. */
function wordOf(error: unknown): string | undefined {
  const word = isRecord(error) ? (error["code"] ?? error["type"]) : error;
  return typeof word === "string" && /^[a-z][a-z_]{0,63}$/.test(word) ? word : undefined;
}

/** An error word with what to do, as far as it is known; never the server's own sentence. */
export function describe(word: string | undefined, status?: number): string {
  const told = word ?? (status === undefined ? "it gave no reason" : `status ${status}`);
  const todo = word === undefined ? undefined : advice[word];
  return todo === undefined ? told : `${told}; ${todo}`;
}

function because(reason: AskRefusal["details"]["reason"], say: string): AskRefusal {
  const code = reason === "unreachable" ? "unavailable" : "unauthorized";
  return { ...refuse(code, say), details: { reason } };
}

/** An address a sign-in may use: https, or http on this machine. */
export function checkEndpoint(url: string): Result<URL> {
  const parsed = URL.parse(url);
  if (parsed?.protocol === "https:" || (parsed?.protocol === "http:" && isThisMachine(parsed)))
    return ok(parsed);
  return refuse("invalid_request", "the address of a sign-in server must start with https://");
}
