import { createHash } from "node:crypto";
import type { CronRun } from "@carapace/state";
import { definedOnly } from "../defined-only.ts";
import type { Inbound } from "../ingress/types.ts";
import { mainSession } from "../ingress/wake.ts";
import { jobDelivery } from "../jobs/delivery.ts";
import { type AgentTurn, inboundOfJob } from "../jobs/inbound.ts";
import type { RunDelivery } from "../runs/types.ts";
import type { Job } from "./job.ts";

/** The id of the run at a planned time: the same time cannot run twice. Pure. */
export function runIdOf(jobId: string, plannedAtMs: number): string {
  const plain = `cron:${jobId}:${plannedAtMs}`;
  if (plain.length <= 200) return plain;
  return `cron:${createHash("sha256").update(jobId).digest("hex").slice(0, 40)}:${plannedAtMs}`;
}

/** Under which a run's reply is in the outbox. */
export function deliveryKeyOf(runId: string): string {
  return `cron-deliver:${runId}`;
}

/** The conversation that a job's turns belong to. */
export function sessionNameOf({ id, sessionTarget }: Pick<Job, "id" | "sessionTarget">): string {
  return sessionTarget === "main" ? mainSession : `cron:${id}`;
}

/** The turn of a job, on its way through the one door. */
export function turnOf(job: Job, payload: AgentTurn, run: CronRun): Inbound {
  const inbound = inboundOfJob(
    payload,
    definedOnly({
      runId: run.id,
      sessionName: sessionNameOf(job),
      origin: job.origin,
      agentId: job.agentId,
      delivery: deliveryOf(job, payload, run),
    }),
  );
  // The main session is the owner's: a job leaves no trace in what it remembers.
  return job.sessionTarget === "main" ? { ...inbound, metadata: {} } : inbound;
}

/** Where the reply goes; undefined if nowhere, or if the job does not say where to. */
export function deliveryOf({ id }: Job, payload: AgentTurn, run: CronRun): RunDelivery | undefined {
  return jobDelivery(payload, { idempotencyKey: deliveryKeyOf(run.id), source: { kind: "cron", id } });
}
