import type { ProviderFailure, ProviderFailureCode } from "../types.ts";
import { troubleOf } from "./failures.ts";
import { redactDetail } from "./redact.ts";
import type { Vendor } from "./vendor.ts";

/** Whom the words of a failure are about. */
export const claudeVendor: Vendor = {
  ...({ id: "claude-cli", label: "Claude CLI" } as const),
  ...{ keyName: "its sign-in: run claude and type /login", urlName: "claudeCli.path", isLocal: false },
  secrets: [],
};

/** The program is not there, or cannot be run. */
export const claudeMissing: ProviderFailure = {
  code: "network",
  say: "Claude CLI is not installed where it is expected: install it, or write its place into claudeCli.path.",
};

/** It stopped by itself after the turns it was given. */
export const claudeOutOfTurns: ProviderFailure = {
  code: "bad_response",
  say: "Claude CLI used up its turns before it had an answer: raise claudeCli.maxTurns.",
};

/** It said nothing for too long, and was stopped. */
export function claudeTooSlow(hasBegun: boolean): ProviderFailure {
  const what = hasBegun ? "stopped in the middle of its answer" : "did not answer in time";
  return { code: "timeout", say: `Claude CLI ${what}; try again.` };
}

const rules: readonly (readonly [RegExp, ProviderFailureCode, string])[] = [
  [
    /\/login|log ?in|sign in|api key|oauth|authenticat|credential|\b401\b/i,
    "auth",
    "Claude CLI is not signed in: run claude and type /login, as the user the gateway runs as.",
  ],
  [
    /(usage|rate|session|weekly) limit|limit reached|\b429\b/i,
    "rate_limit",
    "The limit of the account behind Claude CLI is reached; try again later.",
  ],
];

/** What went wrong, by what the program says of it: read for its kind, kept for the log, never repeated. */
export function claudeFailure(words: string, model: string): ProviderFailure {
  const detail = redactDetail(words, []);
  const rule = rules.find(([pattern]) => pattern.test(words));
  if (rule !== undefined) return { code: rule[1], say: rule[2], ...(detail === "" ? {} : { detail }) };
  const status = Number(/API Error: (\d{3})\b/.exec(words)?.[1]);
  const error = { message: words, ...(status >= 400 ? { statusCode: status } : {}) };
  return troubleOf(error, { vendor: claudeVendor, model, nowMs: 0 }).failure;
}
