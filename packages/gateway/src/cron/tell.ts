import type { CronRun } from "@carapace/state";
import type { CronDeps } from "./deps.ts";
import type { JobEnd } from "./end.ts";
import { isAlarming } from "./failure.ts";
import { readJob } from "./job.ts";

/**
 * Tells of a job that failed: who its alert names, or the assistant with the next heartbeat; and the owner's assistant
 * in any case when the job is switched off for it.
 */
export async function tellFailure(run: CronRun, end: JobEnd, deps: CronDeps): Promise<void> {
  const job = readJob(end.job);
  if (job === undefined || run.status !== "error") return;
  const why = run.error ?? "It failed.";
  const text = `The scheduled job "${job.name}" (${job.id}) failed${timesSay(end.failures)}: ${why}`;
  if (job.alert !== undefined && isAlarming(end.failures, job.alert.after)) {
    const { channel, to } = job.alert;
    if (channel === undefined || to === undefined) await tellAssistant(`cron-alert:${run.id}`, text, deps);
    else await send({ channel: channel.toLowerCase(), to, text, run }, deps);
  }
  if (!end.isDisabled) return;
  const off = `${text} It failed ${end.failures} times on end and is switched off; cara cron edit ${job.id} --enabled switches it on again.`;
  await tellAssistant(`cron-disabled:${run.id}`, off, deps);
}

function timesSay(failures: number): string {
  return failures > 1 ? `, ${failures} times on end` : "";
}

/** The sentence quotes an error, which may quote anybody: it is believed no more than a stranger. */
async function tellAssistant(id: string, text: string, { systemEvents, log }: CronDeps): Promise<void> {
  const origin = { kind: "system", ref: "cron", from: ["web"] } as const;
  const told = await systemEvents.submit({
    ...{ id, text, reason: "cron", mode: "next-heartbeat" },
    origin: { ...origin, from: [...origin.from] },
  });
  if (!told.ok) log.warn("a failed job could not be told of", { why: told.say });
}

interface Alert {
  readonly channel: string;
  readonly to: string;
  readonly text: string;
  readonly run: CronRun;
}

async function send({ channel, to, text, run }: Alert, deps: CronDeps): Promise<void> {
  const message = {
    ...{ channel, to, parts: [{ type: "text" as const, text }] },
    source: { kind: "cron", id: run.jobId },
    idempotencyKey: `cron-alert:${run.id}`,
  };
  const sent = await deps.outbox()?.enqueue(message);
  if (sent?.ok) return;
  deps.log.warn("an alert could not be sent", { jobId: run.jobId, why: sent?.say ?? "there is no outbox" });
  await tellAssistant(`cron-alert:${run.id}`, text, deps);
}
