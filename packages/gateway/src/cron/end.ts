import type { CronJob, CronRun } from "@carapace/state";
import { definedOnly } from "../defined-only.ts";
import type { Ending } from "./carry.ts";
import { backOffAfter, isHopeless } from "./failure.ts";
import { readJob, withState } from "./job.ts";
import { plannedAfter } from "./plan.ts";
import type { Calendar } from "./schedule/calendar.ts";

/** What becomes of a job when a run of it has ended. */
export interface JobEnd {
  readonly job: CronJob;
  /** Failures on end, this one included. */
  readonly failures: number;
  /** It has failed so often that it is switched off. */
  readonly isDisabled: boolean;
  /** Its one time is over, and it wanted to go then. */
  readonly isRemoved: boolean;
}

/** The run as it is kept. Pure. */
export function endedRun(run: CronRun, ending: Ending, nowMs: number): CronRun {
  const { status, error, summary, outboxId } = ending;
  return { ...run, ...definedOnly({ status, error, summary, outboxId }), endedAtMs: nowMs };
}

/** The job as it is after a run: counted, put off after a failure, switched off when its time is over. */
export async function jobAfter(
  stored: CronJob,
  { run, ending, nowMs, calendar }: { run: CronRun; ending: Ending; nowMs: number; calendar: Calendar },
): Promise<JobEnd> {
  const read = readJob(stored);
  const hasFailed = ending.status === "error";
  const failures = hasFailed ? (read?.failures ?? 0) + 1 : 0;
  const counted = withState(stored, {
    lastRunAtMs: run.startedAtMs,
    lastStatus: ending.status,
    lastError: ending.error,
    lastDurationMs: nowMs - run.startedAtMs,
    runningAtMs: stored.state.runningAtMs === run.startedAtMs ? undefined : stored.state.runningAtMs,
    failures: failures === 0 ? undefined : failures,
  });
  if (read === undefined) return { job: counted, failures, isDisabled: false, isRemoved: false };
  const isOver = read.schedule.kind === "at" && counted.state.nextRunAtMs === undefined;
  const isDisabled = counted.enabled && !isOver && isHopeless(failures, read.maxFailures);
  if (isOver || isDisabled) {
    const off = withState({ ...counted, enabled: false }, { nextRunAtMs: undefined, plannedAtMs: undefined });
    return { job: off, failures, isDisabled, isRemoved: isOver && !hasFailed && read.deleteAfterRun };
  }
  const earliestMs = nowMs + backOffAfter(failures);
  const { nextRunAtMs } = counted.state;
  const isTooSoon = hasFailed && nextRunAtMs !== undefined && nextRunAtMs < earliestMs;
  const isSingle = read.schedule.kind === "at";
  const job =
    isTooSoon && !isSingle
      ? await plannedAfter(read, counted, { afterMs: earliestMs - 1, calendar })
      : counted;
  return { job, failures, isDisabled: false, isRemoved: false };
}
