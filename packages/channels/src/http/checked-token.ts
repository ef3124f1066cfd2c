import { type FailureCode, ok, type Result, refuse } from "@carapace/protocol";
import type { JudgedFailure } from "./judge-answer.ts";

/** Who the bot is that a token belongs to. */
export interface BotIdentity {
  readonly name: string;
  readonly id: string;
}

/** What came of asking the vendor who a token belongs to. */
export type Checked =
  | { readonly ok: true; readonly value: BotIdentity }
  | { readonly ok: false; readonly failure: JudgedFailure };

/** `unauthorized`: the token is wrong; `rate_limited` and `unavailable`: it could not be found out now; else `forbidden`. */
export function checkedToken(checked: Checked): Result<BotIdentity> {
  return checked.ok ? ok(checked.value) : refuse(codeOf(checked.failure), checked.failure.error);
}

/** The vendor knows no such token, or knows it no longer; what a proxy says with 403 and 404 is about the address. */
export function isTokenRefused({ status, isVendors = false }: JudgedFailure): boolean {
  return status === 401 || (isVendors && (status === 403 || status === 404));
}

function codeOf(failure: JudgedFailure): FailureCode {
  if (isTokenRefused(failure)) return "unauthorized";
  if (failure.status === 429) return "rate_limited";
  return failure.retryability.kind === "transient" ? "unavailable" : "forbidden";
}
