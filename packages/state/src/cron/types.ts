import { z } from "zod";

/**
 * A scheduled job as its row keeps it: the reference's shape (state.md §4), names and all, so that kinds of later
 * versions are kept. `schedule.kind` and `payload.kind` may be unknown ones: such a job never fires. Unless a job says
 * otherwise, day of month and day of week must both match, as in the reference.
 */
export const CronJob = z.looseObject({
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
});
export type CronJob = z.infer<typeof CronJob>;

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
