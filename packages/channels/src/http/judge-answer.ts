import type { Secret } from "@carapace/config";
import { cleanSentence } from "./clean-sentence.ts";
import { type Failure, terminal, transient } from "./failure.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { VendorAnswer } from "./vendor-request.ts";

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
    const unreadable = transient(`${label}: the answer (HTTP ${status}) cannot be read`);
    return { ...unreadable, status, mayHaveArrived: true };
  }
  const sentence = said.sentence === undefined ? "" : cleanSentence(said.sentence, token);
  const error = sentence === "" ? `${label}: HTTP ${status}` : `${label}: ${sentence} (HTTP ${status})`;
  const facts = { status, isVendors: said.isVendors };
  const asked = { header: headers.get("retry-after"), seconds: said.retryAfterSeconds };
  const later = { ...transient(error, retryAfterMs(asked, nowMs)), ...facts };
  if (status === 429) return later;
  if (status >= 300 && status <= 399) return { ...terminal(`${error}: the address redirects`), ...facts };
  if (status < 500) return { ...terminal(error), ...facts };
  const isRefused = status === 503 || (status === 500 && said.isVendors);
  return isRefused ? later : { ...later, mayHaveArrived: true };
}

function unanswered(
  { say, isTransient, mayHaveArrived }: Extract<VendorAnswer, { kind: "none" }>,
  label: string,
): JudgedFailure {
  const failure = (isTransient ? transient : terminal)(`${label}: ${say}`);
  return mayHaveArrived ? { ...failure, mayHaveArrived } : failure;
}
