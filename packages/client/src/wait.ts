import type { Refusal } from "@carapace/protocol";
import { cancelled, timedOut } from "./refusals.ts";

/** What a wait is for, and how long it may take. */
export interface Wait {
  /** For the sentence if it fails: `health`, `the handshake`. */
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Waits for a settled value, a time-out or an abort, whichever comes first; leaves no timer or listener behind. */
export function within<T>(promise: Promise<T>, wait: Wait): Promise<T | Refusal> {
  const { what, timeoutMs, signal } = wait;
  if (signal?.aborted) return Promise.resolve(cancelled(what));
  const done = Promise.withResolvers<T | Refusal>();
  const timer = setTimeout(() => done.resolve(timedOut(what, timeoutMs)), timeoutMs);
  const abort = (): void => done.resolve(cancelled(what));
  signal?.addEventListener("abort", abort, { once: true });
  promise.then(done.resolve, done.reject);
  return done.promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  });
}
