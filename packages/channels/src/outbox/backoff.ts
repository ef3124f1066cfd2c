/** How long a failed message waits (channels.md §1.9 *Fix*). */
export interface Backoff {
  readonly baseMs: number;
  readonly factor: number;
  readonly capMs: number;
}

export const defaultBackoff: Backoff = { baseMs: 5000, factor: 2, capMs: 3_600_000 };

export interface Failed {
  /** Attempts so far, at least 1. */
  readonly attempts: number;
  /** What the other side asks for. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * Pure. Full jitter: anything up to the exponential step, so that what failed together does not come back together. What
 * the other side asks for counts instead, up to the cap.
 * @param random 0 up to 1
 */
export function waitMs({ attempts, retryAfterMs }: Failed, random: number, backoff: Backoff): number {
  const { baseMs, factor, capMs } = backoff;
  if (retryAfterMs !== undefined) return Math.min(Math.max(0, retryAfterMs), capMs);
  return Math.round(random * Math.min(capMs, baseMs * factor ** (attempts - 1)));
}
