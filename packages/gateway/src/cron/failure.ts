const minuteMs = 60_000;
const backOffMs = [minuteMs / 2, minuteMs, 5 * minuteMs, 15 * minuteMs, 60 * minuteMs];

/** How long a job that failed so often on end is left alone, beyond its schedule. Pure. */
export function backOffAfter(failures: number): number {
  if (failures <= 0) return 0;
  return backOffMs[Math.min(failures, backOffMs.length) - 1] ?? 0;
}

/** Whether a job has failed so often on end that it is switched off; 0 is never. Pure. */
export function isHopeless(failures: number, maxFailures: number): boolean {
  return maxFailures > 0 && failures >= maxFailures;
}

/** Whether this failure is the one that is told: the first of a series that is long enough. Pure. */
export function isAlarming(failures: number, after: number | undefined): boolean {
  return failures === (after ?? 1);
}
