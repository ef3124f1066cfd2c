import { once } from "@carapace/protocol";
import { z } from "zod";

/**
 * A scheduled job as its row keeps it: the reference's shape (state.md §4), names and all, so that kinds of later
 * versions are kept. `schedule.kind` and `payload.kind` may be unknown ones: such a job never fires. Unless a job says
 * otherwise, day of month and day of week must both match, as in the reference.
 */
export const cronJob = once(() =>
  z.looseObject({
    id: z.string().min(1).max(255),
    name: z.string(),
    enabled: z.boolean(),
    createdAtMs: z.number(),
    updatedAtMs: z.number(),
    schedule: z.looseObject({ kind: z.string() }),
    sessionTarget: z.string().exactOptional(),
    wakeMode: z.string().exactOptional(),
    payload: z.looseObject({ kind: z.string() }),
    state: z.looseObject({
      nextRunAtMs: z.int().exactOptional(),
      runningAtMs: z.int().exactOptional(),
    }),
  }),
);
export type CronJob = z.infer<ReturnType<typeof cronJob>>;

/** The scheduled jobs (state.md §4). The rules live in the gateway. */
export interface CronRepository {
  find(id: string): Promise<CronJob | undefined>;
  /** By id. */
  list(): Promise<CronJob[]>;
  /** Enabled jobs that are due, the longest due first. */
  due(nowMs: number, limit: number): Promise<CronJob[]>;
  /** The time of the next run of any enabled job. */
  nextRunAtMs(): Promise<number | undefined>;
  save(job: CronJob): Promise<void>;
  remove(id: string): Promise<boolean>;
}

/** One run of a scheduled job, from its start to its end (agent.md §13). Times are Unix ms. */
export const cronRun = once(() =>
  z.looseObject({
    /** For a scheduled run `<job>:<planned time>`, so that the same one cannot begin twice. */
    id: z.string().min(1).max(255),
    jobId: z.string(),
    trigger: z.enum(["schedule", "catch-up", "manual"]),
    plannedAtMs: z.int(),
    startedAtMs: z.int(),
    endedAtMs: z.int().exactOptional(),
    status: z.enum(["running", "ok", "error", "skipped"]),
    error: z.string().exactOptional(),
    /** The beginning of what came of it. */
    summary: z.string().exactOptional(),
    /** The assistant's run, if one was started. */
    runId: z.string().exactOptional(),
    /** The message that its reply went out in. */
    outboxId: z.string().exactOptional(),
  }),
);
export type CronRun = z.infer<ReturnType<typeof cronRun>>;

/** What scheduled jobs did (agent.md §13 *Fix*). */
export interface CronRunRepository {
  /**
   * Notes that a job begins, and the job as it is from then on, together.
   * @returns false if this run is known: nothing is changed then.
   */
  begin(run: CronRun, job: CronJob): Promise<boolean>;
  /** Notes how it ended, and the job as it is from then on, together; the job is left out where it is gone. */
  end(run: CronRun, job?: CronJob): Promise<void>;
  find(id: string): Promise<CronRun | undefined>;
  /** Newest first. */
  list(filter: { readonly jobId?: string; readonly limit: number }): Promise<CronRun[]>;
  /** Those that have not ended. */
  running(): Promise<CronRun[]>;
  /** Forgets all ended ones but the newest `keep`. @returns how many. */
  prune(keep: number): Promise<number>;
  /** Forgets all of them, the running ones, too. */
  clear(): Promise<void>;
}
