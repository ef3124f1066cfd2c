import type { TokenUsage } from "@carapace/protocol";
import type { ModelEvent, ProviderFailure } from "../types.ts";

/** One try of a model call: like the call itself, but it may end in a failure that is worth another try. */
export type AttemptEvent =
  | ModelEvent
  | {
      readonly kind: "retryable";
      readonly failure: ProviderFailure;
      readonly usage?: TokenUsage;
      readonly retryAfterMs?: number;
    };

/** When and how often a call is tried again (agent.md §4.1 *Better*). */
export interface RetryPolicy {
  /** All tries, the first included. */
  readonly maxTries: number;
  /** The wait after the first try, doubled after each further one; up to half of it is cut off at random. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** Asked to wait longer than this, we report the failure instead. */
  readonly maxRetryAfterMs: number;
  /** Contract: resolves early once the signal fires; never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Tries a call until it succeeds, emits something, fails for good, or was tried often enough. Ends without an event on abort. */
export async function* withRetries(
  attempt: () => AsyncIterable<AttemptEvent>,
  policy: RetryPolicy,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  for (let tries = 1; !signal.aborted; tries += 1) {
    let hasEmitted = false;
    let waitMs: number | undefined;
    for await (const event of attempt()) {
      if (event.kind !== "retryable") {
        hasEmitted = true;
        yield event;
        continue;
      }
      waitMs =
        hasEmitted || tries >= policy.maxTries ? undefined : delayMs(tries, event.retryAfterMs, policy);
      if (waitMs === undefined) {
        yield { kind: "failed", failure: event.failure, ...(event.usage ? { usage: event.usage } : {}) };
      }
      break;
    }
    if (waitMs === undefined) return;
    await policy.sleep(waitMs, signal);
  }
}

/** @returns undefined if the vendor asks for more patience than we have. */
function delayMs(tries: number, retryAfterMs: number | undefined, policy: RetryPolicy): number | undefined {
  if (retryAfterMs !== undefined && retryAfterMs > policy.maxRetryAfterMs) return undefined;
  const exponential = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (tries - 1));
  const jittered = exponential * (1 - policy.random() / 2);
  return Math.max(jittered, retryAfterMs ?? 0);
}
