import { JsonValue, once } from "@carapace/protocol";
import { z } from "zod";

/** A reply of `/v1/responses` that a later request may go on from (`store`, `previous_response_id`). */
export const storedResponse = once(() =>
  z.looseObject({
    /** `resp_…` */
    id: z.string().min(1).max(255),
    createdAtMs: z.int(),
    expiresAtMs: z.int(),
    /** The conversation so far, as items of the API: what was put in and what came out. */
    items: z.array(JsonValue),
    /** The conversation it took place in, for a turn of an agent. */
    sessionKey: z.string().exactOptional(),
  }),
);
export type StoredResponse = z.infer<ReturnType<typeof storedResponse>>;

export interface ResponseRepository {
  save(response: StoredResponse): Promise<void>;
  /** @returns undefined if it is unknown or over. */
  find(id: string, nowMs: number): Promise<StoredResponse | undefined>;
  remove(id: string): Promise<boolean>;
  /** Forgets what is over. @returns how many. */
  prune(nowMs: number): Promise<number>;
}
