import { once } from "@carapace/protocol";
import { TaskState } from "@carapace/state";
import { z } from "zod";
import { policyWish } from "./record.ts";

const maxReason = 1024;
const maxDelayMs = 365 * 86_400_000;
/** Until the year 9999. */
const maxTimeMs = 253_402_300_799_999;

const missing = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined);
const payload = () => z.record(z.string(), z.unknown());
const reason = () =>
  missing(z.string().trim().max(maxReason, `is longer than ${maxReason} characters`)).transform((text) =>
    text === "" ? undefined : text,
  );

/** Body of `POST /control/tasks` (http.md §12.5). */
export const createTask = once(() =>
  z.object({
    payload: payload(),
    nextRunAtMs: missing(z.int().min(0).max(maxTimeMs)),
    policy: missing(policyWish()),
    /** Begins when all of these are done. */
    dependsOn: missing(z.array(z.string().trim().min(1).max(255)).max(100)),
  }),
);
export type CreateTask = z.infer<ReturnType<typeof createTask>>;

export const patchTask = once(() =>
  z.object({ payload: missing(payload()), policy: missing(policyWish()), reason: reason() }),
);

export const cancelTask = once(() => z.object({ reason: reason() }));

/** Of `retry` and `resume`. */
export const sendOnTask = once(() =>
  z.object({ delayMs: missing(z.int().min(0).max(maxDelayMs)), reason: reason() }),
);

/** Query of `GET /control/tasks`; a state may be written as the reference accepts it. */
export const listTasks = once(() =>
  z.object({ state: z.string().optional(), limit: z.string().optional(), cursor: z.string().optional() }),
);

const otherNames: Readonly<Record<string, TaskState>> = {
  "retry-wait": "retry_wait",
  retrywait: "retry_wait",
  canceled: "cancelled",
};

/** A state by any of its names, in any case; undefined if it is none. */
export function readState(text: string): TaskState | undefined {
  const name = text.trim().toLowerCase();
  const known = TaskState.safeParse(Object.hasOwn(otherNames, name) ? otherNames[name] : name);
  return known.success ? known.data : undefined;
}
