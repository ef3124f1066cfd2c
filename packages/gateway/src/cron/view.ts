import type { CronJobView, CronRunView } from "@carapace/protocol";
import type { CronJob, CronRun } from "@carapace/state";
import { definedOnly } from "../defined-only.ts";

/** A job as clients see it: without what only the gateway has use for. Pure. */
export function jobView({ digest: _own, ...job }: CronJob): CronJobView {
  return { ...job, sessionTarget: job.sessionTarget ?? "main", wakeMode: job.wakeMode ?? "now" };
}

/** A run as the history shows it. Pure. */
export function runView(run: CronRun, nextRunAtMs: number | undefined): CronRunView {
  const { jobId, status, error, summary, startedAtMs, endedAtMs, runId, trigger, outboxId } = run;
  const isOver = status !== "running";
  return definedOnly({
    ts: endedAtMs ?? startedAtMs,
    jobId,
    action: isOver ? ("finished" as const) : ("started" as const),
    ...{ status, error, summary, runId, trigger, outboxId, nextRunAtMs },
    runAtMs: startedAtMs,
    durationMs: endedAtMs === undefined ? undefined : endedAtMs - startedAtMs,
  });
}
