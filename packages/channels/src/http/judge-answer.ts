import type { Secret } from "@carapace/config";
import type { DeliveryResult } from "../adapter.ts";
import { cleanSentence } from "./clean-sentence.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { VendorAnswer } from "./vendor-request.ts";

export type Failure = Extract<DeliveryResult, { readonly ok: false }>;

/** What a vendor's answer says, as far as it could be read. */
export interface Said {
  /** It is an answer of the vendor's API, not of something on the way to it. */
  readonly isVendors: boolean;
  /** The request was carried out. */
  readonly isDone: boolean;
  /** The vendor's sentence. */
  readonly sentence?: string | undefined;
  /** Seconds, if the body has them. */
  readonly retryAfterSeconds?: number | undefined;
}

export interface Judging {
  /** The vendor, for the sentence. */
  readonly label: string;
  readonly token: Secret;
  readonly nowMs: number;
}

/** A failure with the status that it came with; none if there was no answer. */
export interface JudgedFailure extends Failure {
  readonly status?: number;
  /** The answer was the vendor's own. */
  readonly isVendors?: boolean;
}

/**
 * Pure. What an answer means for the message (channels.md §1.9, §3, §4): 429, 5xx and a lost connection may pass, anything
 * else does not. A 5xx of something on the way, or after the vendor took the request, leaves open whether it arrived.
 * @returns undefined if the request was carried out
 */
export function judgeAnswer(
  answer: VendorAnswer,
  said: Said,
  { label, token, nowMs }: Judging,
): JudgedFailure | undefined {
  if (answer.kind === "none") return unanswered(answer, label);
  const { status, headers } = answer;
  if (status >= 200 && status <= 299) {
    if (said.isDone) return undefined;
    const error = `${label}: the answer (HTTP ${status}) cannot be read`;
    return { ok: false, status, error, retryability: { kind: "transient" }, mayHaveArrived: true };
  }
  const sentence = said.sentence === undefined ? "" : cleanSentence(said.sentence, token);
  const error = sentence === "" ? `${label}: HTTP ${status}` : `${label}: ${sentence} (HTTP ${status})`;
  const failed = { ok: false, status, isVendors: said.isVendors, error } as const;
  const asked = { header: headers.get("retry-after"), seconds: said.retryAfterSeconds };
  const later = transient(retryAfterMs(asked, nowMs));
  if (status === 429) return { ...failed, retryability: later };
  if (status >= 300 && status <= 399)
    return { ...failed, error: `${error}: the address redirects`, retryability: { kind: "terminal" } };
  if (status < 500) return { ...failed, retryability: { kind: "terminal" } };
  const isRefused = status === 503 || (status === 500 && said.isVendors);
  return { ...failed, retryability: later, ...(isRefused ? {} : { mayHaveArrived: true }) };
}

function unanswered(
  { say, isTransient, mayHaveArrived }: Extract<VendorAnswer, { kind: "none" }>,
  label: string,
): JudgedFailure {
  const retryability = isTransient ? ({ kind: "transient" } as const) : ({ kind: "terminal" } as const);
  return {
    ok: false,
    error: `${label}: ${say}`,
    retryability,
    ...(mayHaveArrived ? { mayHaveArrived } : {}),
  };
}

/** It may pass; not before so long, if that is known. */
export function transient(retryAfterMs?: number): Failure["retryability"] {
  return { kind: "transient", ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
