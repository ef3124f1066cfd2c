import type { CronJob, CronRun } from "@carapace/state";
import { eventRunId } from "../system-events/run-id.ts";
import { countedRun, overBudget } from "./budget.ts";
import type { CronDeps } from "./deps.ts";
import { type Job, withState } from "./job.ts";
import { judgeLateness } from "./missed.ts";
import { plannedAfter, plannedFor, startOfBacklog } from "./plan.ts";
import { jitterOf } from "./schedule/jitter.ts";
import { runIdOf } from "./turn.ts";

const dayMs = 86_400_000;

/** Why a time that has come is not judged by the clock. */
export interface Excuse {
  /** Since when it waits for a place. */
  readonly waitedSinceMs?: number;
  /** It came while the run before it had not ended. */
  readonly isOverlapping: boolean;
}

/** What to write down for a time that has come: the run, begun or left out, and the job with its next time. */
export interface Firing {
  readonly run: CronRun;
  readonly job: CronJob;
}

/** Decides what becomes of a job's planned time, now that it has come. */
export async function decideFiring(job: Job, excuse: Excuse, deps: CronDeps): Promise<Firing> {
  const nowMs = deps.clock.nowMs();
  const plannedAtMs = job.plannedAtMs ?? nowMs;
  const jitterMs = jitterOf(job.id, plannedAtMs, job.schedule.jitterMs);
  const lateMs = (excuse.waitedSinceMs ?? nowMs) - plannedAtMs - jitterMs;
  const after = (afterMs: number) => plannedAfter(job, job.stored, { afterMs, calendar: deps.calendar });
  if (excuse.isOverlapping && job.overlap === "skip" && job.missed !== "all")
    return skipped(job, { plannedAtMs, nowMs, why: overlapSay }, await after(nowMs));
  const verdict = judgeLateness(job, { lateMs, isExcused: excuse.isOverlapping });
  if (verdict.kind === "skip")
    return skipped(job, { plannedAtMs, nowMs, why: verdict.why }, await after(nowMs));
  const why = await overBudget(job, deps);
  if (why !== undefined) {
    // Nothing changes before the next day (UTC).
    const midnightMs = (Math.floor(nowMs / dayMs) + 1) * dayMs;
    return skipped(job, { plannedAtMs, nowMs, why }, await after(midnightMs - 1));
  }
  if (verdict.isBacklog) return await firstOfBacklog(job, { plannedAtMs, nowMs }, deps);
  // A time within the jitter is still to come, each in its turn.
  const next = await after(Math.max(plannedAtMs, nowMs - jitterMs));
  return begun(job, { plannedAtMs, nowMs, trigger: verdict.trigger }, next);
}

const overlapSay = "The run before it had not ended.";

interface Moment {
  readonly plannedAtMs: number;
  readonly nowMs: number;
}

/** Each missed time in its turn: the next planned time is the one after this, though it has passed, too. */
async function firstOfBacklog(
  job: Job,
  { plannedAtMs, nowMs }: Moment,
  { calendar }: CronDeps,
): Promise<Firing> {
  const first = await startOfBacklog(job, { plannedAtMs, nowMs, calendar });
  if (first !== plannedAtMs) {
    const why = "More times were missed than a job catches up with: it goes on with the newest.";
    return skipped(job, { plannedAtMs, nowMs, why }, plannedFor(job, job.stored, first));
  }
  const next = await calendar.next(job.schedule, plannedAtMs);
  const trigger = next !== undefined && next <= nowMs ? "catch-up" : "schedule";
  return begun(job, { plannedAtMs, nowMs, trigger }, plannedFor(job, job.stored, next));
}

/** A run that begins now; the job shows it. Pure. */
export function begun(
  { id: jobId, payload, wakeMode }: Pick<Job, "id" | "payload" | "wakeMode">,
  { plannedAtMs, nowMs, trigger }: Moment & { readonly trigger: CronRun["trigger"] },
  job: CronJob,
): Firing {
  const id = runIdOf(jobId, plannedAtMs);
  const run: CronRun = { id, jobId, trigger, plannedAtMs, startedAtMs: nowMs, status: "running" };
  const turn = { runningAtMs: nowMs, ...countedRun(job, nowMs) };
  if (payload.kind === "agentTurn") return { run: { ...run, runId: id }, job: withState(job, turn) };
  // What is told with a heartbeat has no turn of its own.
  const isTurn = wakeMode === "now";
  return { run: isTurn ? { ...run, runId: eventRunId(id) } : run, job: withState(job, turn) };
}

function skipped(
  job: Job,
  { plannedAtMs, nowMs, why }: Moment & { readonly why: string },
  next: CronJob,
): Firing {
  const run: CronRun = {
    ...{ id: runIdOf(job.id, plannedAtMs), jobId: job.id, trigger: "schedule", plannedAtMs },
    ...{ startedAtMs: nowMs, endedAtMs: nowMs, status: "skipped", error: why },
  };
  const told = withState(next, { lastStatus: "skipped", lastError: why });
  const isOver = job.schedule.kind === "at" && told.state.nextRunAtMs === undefined;
  return { run, job: isOver ? { ...told, enabled: false } : told };
}
