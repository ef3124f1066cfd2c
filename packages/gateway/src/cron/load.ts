import type { CronJob } from "@carapace/state";
import type { CronDeps } from "./deps.ts";
import { type Job, readJob, withState } from "./job.ts";
import { plannedAfter } from "./plan.ts";

/** The job, planned from now on. */
export async function replanned(
  job: Job,
  { clock, calendar }: Pick<CronDeps, "clock" | "calendar">,
): Promise<CronJob> {
  return await plannedAfter(job, job.stored, { afterMs: clock.nowMs(), calendar });
}

/**
 * Reads every job at the start: what no process runs any more is marked so, a job that was never planned here (an
 * imported one) is, and one whose schedule cannot be kept is switched off (agent.md §13: quarantine).
 */
export async function loadJobs(deps: CronDeps, isRunning: (id: string) => boolean): Promise<CronJob[]> {
  const jobs: CronJob[] = [];
  for (const stored of await deps.state.cron.list()) {
    const job = await loaded(stored, isRunning(stored.id), deps);
    if (job !== undefined) jobs.push(job);
  }
  return jobs;
}

async function loaded(stored: CronJob, isRunning: boolean, deps: CronDeps): Promise<CronJob | undefined> {
  const { cron } = deps.state;
  const job = readJob(stored);
  if (job === undefined) return stored;
  if (isSpent(job)) {
    await cron.remove(job.id);
    return undefined;
  }
  const isStale = stored.state.runningAtMs !== undefined && !isRunning;
  let next = isStale ? withState(stored, { runningAtMs: undefined }) : stored;
  const isPlanned = stored.state["plannedAtMs"] !== undefined;
  if (stored.enabled && !isPlanned) next = await firstPlan({ ...job, stored: next }, deps);
  if (next !== stored) await cron.save(next);
  return next;
}

/** It ran, and wanted to go then; the process died in between. */
function isSpent({ schedule, deleteAfterRun, stored }: Job): boolean {
  return schedule.kind === "at" && deleteAfterRun && !stored.enabled && stored.state["lastStatus"] === "ok";
}

async function firstPlan(job: Job, deps: CronDeps): Promise<CronJob> {
  // An interval counts from when the job was made (agent.md §13).
  const fromMs = job.schedule.kind === "every" ? job.stored.updatedAtMs : deps.clock.nowMs();
  const checked = await deps.calendar.check(job.schedule, fromMs);
  if (checked.ok) {
    const { nextRunAtMs } = job.stored.state;
    // A time that passed meanwhile is missed: the job's policy says what becomes of it.
    const schedule = { ...job.stored, schedule: checked.value };
    if (nextRunAtMs !== undefined && nextRunAtMs <= deps.clock.nowMs())
      return withState(schedule, { plannedAtMs: nextRunAtMs });
    const next = await replanned({ ...job, schedule: checked.value, stored: schedule }, deps);
    const isDead = job.schedule.kind === "at" && next.state.nextRunAtMs === undefined;
    return isDead ? { ...next, enabled: false } : next;
  }
  const data = { job_id: job.id, name: job.name };
  deps.state.audit.record({ actor: "gateway", event: "cron_job_quarantined", data });
  deps.log.warn("a scheduled job is switched off: its schedule cannot be kept", {
    ...data,
    why: checked.say,
  });
  const off = withState(job.stored, { nextRunAtMs: undefined, lastError: checked.say });
  return { ...off, enabled: false };
}
