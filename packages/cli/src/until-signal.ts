/** Fires once the process is told to stop; a second time ends the process at once, as it would without this. */
export interface UntilSignal extends Disposable {
  readonly signal: AbortSignal;
  /** Stops as SIGTERM does. */
  now(): void;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export function untilSignal(): UntilSignal {
  const stop = new AbortController();
  const leave = (): void => {
    for (const name of signals) process.off(name, now);
  };
  const now = (): void => {
    leave();
    stop.abort();
  };
  for (const name of signals) process.on(name, now);
  return { signal: stop.signal, now, [Symbol.dispose]: leave };
}
