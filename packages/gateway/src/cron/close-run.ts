import type { CronJob, CronRun } from "@carapace/state";
import type { Ending } from "./carry.ts";
import type { CronDeps } from "./deps.ts";
import { endedRun, type JobEnd, jobAfter } from "./end.ts";
import { tellFailure } from "./tell.ts";

/**
 * Writes down how a run ended, together with its job, and tells of it.
 * @returns the job as it is stored now; undefined if it is gone. Contract: no other change of the job goes on.
 */
export async function closeRun(run: CronRun, ending: Ending, deps: CronDeps): Promise<CronJob | undefined> {
  const { state, clock, calendar } = deps;
  const nowMs = clock.nowMs();
  const stored = await state.cron.find(run.jobId);
  const done = endedRun(run, ending, nowMs);
  const end = stored && (await jobAfter(stored, { run, ending, nowMs, calendar }));
  await state.cronRuns.end(done, end?.job);
  if (end?.isRemoved) await state.cron.remove(run.jobId);
  if (end?.isDisabled) {
    const data = { job_id: run.jobId, name: end.job.name, failures: end.failures };
    state.audit.record({ actor: "gateway", event: "cron_job_disabled", data });
  }
  if (end !== undefined) await told(done, end, deps);
  tellEnd(done, deps);
  return end?.isRemoved ? undefined : end?.job;
}

/** The end stands already: a fault here must not have it written again. */
async function told(run: CronRun, end: JobEnd, deps: CronDeps): Promise<void> {
  try {
    await tellFailure(run, end, deps);
  } catch (error) {
    deps.log.error("a failed job could not be told of", { jobId: run.jobId, error });
  }
}

function tellEnd({ id, runId = id, jobId, status, error, summary, outboxId }: CronRun, deps: CronDeps): void {
  const isOk = status === "ok";
  deps.counted(isOk ? "ok" : "error");
  deps.hub.publish("cron", {
    ...{ jobId, status: isOk ? "completed" : "failed", ts: deps.clock.nowMs(), runId },
    result: { status, error, summary, outboxId },
  });
}
