import { timingSafeEqual } from "node:crypto";
import { ok, type Result, refuse } from "@carapace/protocol";
import type { SignInAnswer } from "./types.ts";

/** What a browser came back with: not ours, or the provider's answer. */
export type Returned =
  | { readonly kind: "foreign" }
  | { readonly kind: "answer"; readonly answer: SignInAnswer };

const maxCode = 4096;

/**
 * Pure. Judges the query a browser came back with (RFC 6749 §4.1.2): only with the very `state` of the sign-in, and
 * with each parameter once, is it the provider's.
 */
export function readReturn(query: URLSearchParams, state: string): Returned {
  const once = (name: string) => {
    const values = query.getAll(name);
    return values.length === 1 ? values[0] : undefined;
  };
  const given = once("state");
  if (given === undefined || !isSame(given, state)) return { kind: "foreign" };
  const error = once("error");
  if (error) {
    const description = once("error_description");
    return { kind: "answer", answer: { error, ...(description ? { description } : {}) } };
  }
  const code = once("code");
  if (!isCode(code) || query.has("error")) return { kind: "foreign" };
  return { kind: "answer", answer: { code } };
}

/**
 * Pure. Reads what a person pasted: the address a browser ended at, its query alone, or the code. A code without a
 * `state` is taken on the person's word: only the one of this sign-in fits its verifier.
 */
export function readPaste(text: string, state: string): Result<SignInAnswer> {
  const pasted = text.trim();
  if (pasted.length > 2 * maxCode) return refuse("invalid_request", "that is too long for a code");
  const query = queryOf(pasted);
  if (query !== undefined) {
    const returned = readReturn(query, state);
    if (returned.kind === "answer") return ok(returned.answer);
    return refuse(
      "invalid_request",
      "that address is not of this sign-in: copy the one the browser ended at after you signed in just now",
    );
  }
  const [code, theirs] = pasted.split("#");
  const decoded = decode(code ?? "");
  const isOurs = theirs === undefined || isSame(theirs, state);
  if (isOurs && isCode(decoded) && decoded.length >= 8) return ok({ code: decoded });
  return refuse(
    "invalid_request",
    "that is no code: paste the whole address the browser ended at, or the code in it",
  );
}

function queryOf(text: string): URLSearchParams | undefined {
  if (/^https?:\/\//i.test(text)) return URL.parse(text)?.searchParams ?? new URLSearchParams();
  return /^\??([a-z_]+=[^&\s]*&)*(code|state|error)=/.test(text) ? new URLSearchParams(text) : undefined;
}

/** A code cut out of an address may still be encoded. */
function decode(text: string): string {
  try {
    return /%2f/i.test(text) ? decodeURIComponent(text) : text;
  } catch {
    return text;
  }
}

function isCode(text: string | undefined): text is string {
  return text !== undefined && text.length <= maxCode && /^[\x21-\x7e]+$/.test(text);
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
