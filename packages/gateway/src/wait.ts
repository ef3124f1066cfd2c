/** Waits so many ms; returns at once when the signal fires. Keeps no timer behind. Never throws. */
export async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const stop = () => resolve();
  signal?.addEventListener("abort", stop, { once: true });
  await promise;
  clearTimeout(timer);
  signal?.removeEventListener("abort", stop);
}

/**
 * Waits for a task, but no longer than so many ms, and not after the signal fired. The task itself goes on.
 * @returns whether the task ended. @throws what the task throws.
 */
export async function endsWithin(ms: number, task: Promise<unknown>, signal?: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const limit = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  try {
    return await Promise.race([task.then(() => true), wait(ms, limit).then(() => false)]);
  } finally {
    over.abort();
  }
}
