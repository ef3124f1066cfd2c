import type { CronJob } from "@carapace/state";
import { type Job, withState } from "./job.ts";
import { maxCaughtUp } from "./missed.ts";
import type { Calendar } from "./schedule/calendar.ts";
import { jitterOf } from "./schedule/jitter.ts";

/** The job, waiting for this planned time; undefined: for none. Pure. */
export function plannedFor(job: Job, stored: CronJob, plannedAtMs: number | undefined): CronJob {
  if (plannedAtMs === undefined) return withState(stored, { plannedAtMs: undefined, nextRunAtMs: undefined });
  const nextRunAtMs = plannedAtMs + jitterOf(job.id, plannedAtMs, job.schedule.jitterMs);
  return withState(stored, { plannedAtMs, nextRunAtMs });
}

/** The job, waiting for its first time after an instant. */
export async function plannedAfter(
  job: Job,
  stored: CronJob,
  { afterMs, calendar }: { readonly afterMs: number; readonly calendar: Calendar },
): Promise<CronJob> {
  return plannedFor(job, stored, await calendar.next(job.schedule, afterMs));
}

const maxLooks = 5000;

/**
 * Where a job that catches up with everything begins: its planned time, or a later one if more than `maxCaughtUp`
 * times passed.
 */
export async function startOfBacklog(
  { schedule }: Pick<Job, "schedule">,
  { plannedAtMs, nowMs, calendar }: { plannedAtMs: number; nowMs: number; calendar: Calendar },
): Promise<number> {
  const first = await newestTimes(schedule, { fromMs: plannedAtMs, nowMs, calendar });
  if (first.isWhole) return first.times[0] ?? plannedAtMs;
  // Far behind: begin near the end, by how often it has been due so far.
  const gapMs = Math.max(1, ((first.times.at(-1) ?? nowMs) - plannedAtMs) / maxLooks);
  const fromMs = Math.max(plannedAtMs, Math.floor(nowMs - gapMs * maxCaughtUp * 2));
  const near = await newestTimes(schedule, { fromMs, nowMs, calendar });
  return near.times[0] ?? plannedAtMs;
}

interface Newest {
  readonly times: readonly number[];
  readonly isWhole: boolean;
}

async function newestTimes(
  schedule: Job["schedule"],
  { fromMs, nowMs, calendar }: { fromMs: number; nowMs: number; calendar: Calendar },
): Promise<Newest> {
  const times = [fromMs];
  for (let looks = 0; looks < maxLooks; looks += 1) {
    const next = await calendar.next(schedule, times.at(-1) ?? fromMs);
    if (next === undefined || next > nowMs) return { times: times.slice(-maxCaughtUp), isWhole: true };
    times.push(next);
  }
  return { times: times.slice(-maxCaughtUp), isWhole: false };
}
