import { CronAlert, CronBudget, JobPayload, LooseSchedule, Origin, type Schedule } from "@carapace/protocol";
import type { CronJob } from "@carapace/state";
import { z } from "zod";

const ScheduleOf = LooseSchedule();

const Isolation = z.looseObject({
  postToMainPrefix: z.string().optional().catch(undefined),
  postToMainMode: z.string().optional().catch(undefined),
  postToMainMaxChars: z.int().positive().optional().catch(undefined),
});

/** Unknown words load as defaults (agent.md §13). */
const Stored = z.looseObject({
  agentId: z.string().min(1).optional().catch(undefined),
  deleteAfterRun: z.boolean().catch(false),
  sessionTarget: z.enum(["main", "isolated"]).catch("main"),
  wakeMode: z.enum(["now", "next-heartbeat"]).catch("now"),
  isolation: Isolation.optional().catch(undefined),
  missed: z.enum(["skip", "once", "all"]).catch("skip"),
  graceMs: z.int().min(0).optional().catch(undefined),
  overlap: z.enum(["skip", "queue", "replace"]).catch("skip"),
  budget: CronBudget().optional().catch(undefined),
  alert: CronAlert().optional().catch(undefined),
  maxFailures: z.int().min(0).catch(10),
  // Whoever wrote it: only what this gateway's owner added is theirs.
  origin: Origin.catch({ kind: "imported", ref: "cron" }),
});
type Policy = z.infer<typeof Stored>;

const JobState = z.looseObject({
  plannedAtMs: z.int().optional().catch(undefined),
  failures: z.int().min(0).catch(0),
});

/** A stored job as the scheduler works with it: every policy set, its schedule and payload understood. */
export interface Job extends Policy {
  readonly stored: CronJob;
  readonly id: string;
  readonly name: string;
  readonly schedule: Schedule;
  readonly payload: JobPayload;
  /** The time it waits for, before jitter. */
  readonly plannedAtMs: number | undefined;
  /** Failures on end. */
  readonly failures: number;
}

/** Reads a stored job; undefined for a kind of a later version, which never runs. Pure. */
export function readJob(stored: CronJob): Job | undefined {
  const schedule = ScheduleOf.safeParse(stored.schedule);
  const payload = JobPayload.safeParse(stored.payload);
  if (!schedule.success || !payload.success) return undefined;
  const { plannedAtMs, failures } = JobState.parse(stored.state);
  const { id, name, state } = stored;
  return {
    ...Stored.parse(stored),
    ...{ stored, id, name, schedule: schedule.data, payload: payload.data, failures },
    plannedAtMs: plannedAtMs ?? state.nextRunAtMs,
  };
}

/** Jobs of the configuration file: their id begins like this, and no method changes them. */
export const declaredPrefix = "config:";

/** The job with other fields of its state; undefined takes a field away. Pure. */
export function withState(job: CronJob, changes: Readonly<Record<string, unknown>>): CronJob {
  const state = Object.entries({ ...job.state, ...changes }).filter(([, value]) => value !== undefined);
  return { ...job, state: Object.fromEntries(state) };
}
