import type { Result } from "@carapace/protocol";

/** How long to hold back before each further try, ms: together more than the gateway takes to let a full burst in. */
const pausesMs: readonly number[] = [100, 250, 500, 1000, 2000, 4000];

/**
 * Makes a call again while the gateway answers `rate_limited`, which it does before it looks at the call.
 * @param pauses how often, and how long before each, ms @returns the last answer
 */
export async function withPatience<T>(
  call: () => Promise<Result<T>>,
  signal: AbortSignal | undefined,
  pauses: readonly number[] = pausesMs,
): Promise<Result<T>> {
  let answer = await call();
  for (const pauseMs of pauses) {
    if (answer.ok || answer.code !== "rate_limited" || signal?.aborted) return answer;
    await pause(pauseMs, signal);
    answer = await call();
  }
  return answer;
}

/** Ends with the signal too. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const done = Promise.withResolvers<void>();
  const timer = setTimeout(done.resolve, ms);
  signal?.addEventListener("abort", () => done.resolve(), { once: true });
  return done.promise.finally(() => clearTimeout(timer));
}
