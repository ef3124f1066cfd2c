import { once } from "@carapace/protocol";
import { z } from "zod";

/** One call of a hook and what became of it (http.md §8.4 *Better*); never its payload or its secrets. Times are Unix ms. */
export const hookDelivery = once(() =>
  z.looseObject({
    id: z.string().min(1).max(255),
    /** Behind the hooks' base: `wake`, `agent`, `github`. */
    path: z.string(),
    /** The id of the mapping that took it. */
    mapping: z.string().exactOptional(),
    receivedAtMs: z.int(),
    /** The HTTP status of the answer. */
    status: z.int(),
    outcome: z.enum(["accepted", "repeated", "skipped", "refused", "failed"]),
    /** For a person. */
    reason: z.string().exactOptional(),
    runId: z.string().exactOptional(),
    bytes: z.int().min(0),
  }),
);
export type HookDelivery = z.infer<ReturnType<typeof hookDelivery>>;

export interface HookDeliveryRepository {
  save(delivery: HookDelivery): Promise<void>;
  /** Newest first; of one millisecond the greatest id. */
  list(limit: number): Promise<HookDelivery[]>;
  /** Forgets all but the newest `keep`. @returns how many. */
  prune(keep: number): Promise<number>;
}
