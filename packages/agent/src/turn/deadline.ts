export interface Deadline extends Disposable {
  /** Fires when the caller aborts or the time is over. */
  readonly signal: AbortSignal;
  /** True if the time was over first. */
  isOver(): boolean;
}

/** What a timer can wait at most; a longer one would fire at once. */
const longestWaitMs = 2 ** 31 - 1;

/** Joins a deadline (after 24 days at the latest) to a caller's signal; disposing it stops the clock. */
export function startDeadline(timeoutMs: number, signal: AbortSignal): Deadline {
  const controller = new AbortController();
  let isOver = false;
  const onAbort = () => controller.abort();
  const timer = setTimeout(
    () => {
      isOver = !signal.aborted;
      controller.abort();
    },
    Math.min(timeoutMs, longestWaitMs),
  );
  if (signal.aborted) controller.abort();
  signal.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    isOver: () => isOver,
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    },
  };
}
