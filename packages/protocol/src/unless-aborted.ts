/** What work comes to, or what is said in its place once the signal fires: whoever asked goes, and the work goes on. */
export async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  aborted: () => T,
): Promise<T> {
  if (signal === undefined) return await work;
  const { promise, resolve } = Promise.withResolvers<T>();
  const leave = () => resolve(aborted());
  if (signal.aborted) leave();
  signal.addEventListener("abort", leave);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
