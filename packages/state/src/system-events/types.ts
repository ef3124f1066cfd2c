import { Origin, once } from "@carapace/protocol";
import { z } from "zod";

/** Something that happened and that the assistant is told of at its next heartbeat (http.md §8.1 *Better*). */
export const systemEvent = once(() =>
  z.looseObject({
    id: z.string().min(1).max(255),
    text: z.string(),
    /** `hook-wake-next-heartbeat`, `cron`. */
    reason: z.string(),
    origin: Origin,
    createdAtMs: z.int(),
  }),
);
export type SystemEvent = z.infer<ReturnType<typeof systemEvent>>;

/** Events that wait for a heartbeat. */
export interface SystemEventRepository {
  /** Durable before it returns. @returns false for a known id, which changes nothing. */
  add(event: SystemEvent): Promise<boolean>;
  /** Oldest first. */
  list(limit: number): Promise<SystemEvent[]>;
  count(): Promise<number>;
  remove(ids: readonly string[]): Promise<void>;
}
