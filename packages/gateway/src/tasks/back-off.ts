const firstMs = 60_000;
export const minBackOffMs = 30_000;
export const maxBackOffMs = 3_600_000;

/**
 * How long to wait after so many failures in a row: twice as long each time, a random part of it so that many do not
 * come back at once; 30 s to 1 h (agent.md §12 *Fix*).
 * @param random 0 ≤ x < 1
 */
export function backOffMs(failures: number, random: number): number {
  const most = Math.min(maxBackOffMs, firstMs * 2 ** Math.max(0, failures - 1));
  return Math.max(minBackOffMs, Math.round(most / 2 + (most / 2) * random));
}
