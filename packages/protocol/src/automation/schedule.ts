import { z } from "zod";
import { isRecord } from "../json.ts";

const kinds = "schedule.kind must be 'at', 'every', or 'cron'";

const time = (name: string) => z.int({ error: `${name} must be a whole number of milliseconds` });

/** Up to so many ms later than planned, so that not everything begins in the same second; at most a day. */
const jitterMs = () =>
  time("schedule.jitterMs")
    .min(0, "schedule.jitterMs must not be negative")
    .max(86_400_000, "schedule.jitterMs must be at most a day")
    .exactOptional();

/**
 * When a job runs (websocket.md §12.6). `jitterMs` and `dayMatch` are ours: with `or`, a day fits if its number or its
 * weekday does, as other schedulers have it; without, both must.
 */
const Schedule = () =>
  z.discriminatedUnion(
    "kind",
    [
      z.object({ kind: z.literal("at"), atMs: time("schedule.atMs"), jitterMs: jitterMs() }),
      z.object({
        kind: z.literal("every"),
        everyMs: time("schedule.everyMs").min(1, "schedule.everyMs must be at least 1"),
        anchorMs: time("schedule.anchorMs").exactOptional(),
        jitterMs: jitterMs(),
      }),
      z.object({
        kind: z.literal("cron"),
        expr: z
          .string({ error: "schedule.expr is required" })
          .trim()
          .min(1, "schedule.expr is required")
          .max(256, "invalid cron expression: it is longer than 256 characters"),
        tz: z
          .string({ error: "schedule.tz must be the name of a time zone" })
          .trim()
          .min(1)
          .max(64)
          .exactOptional(),
        dayMatch: z.enum(["and", "or"], { error: "schedule.dayMatch must be 'and' or 'or'" }).exactOptional(),
        jitterMs: jitterMs(),
      }),
    ],
    { error: kinds },
  );
export type Schedule = z.infer<ReturnType<typeof Schedule>>;

/** Built when it is first needed: a start needs none. The same from a program that writes null for what is not there. */
export const LooseSchedule = () => z.preprocess(withoutNulls, Schedule());

function withoutNulls(given: unknown): unknown {
  if (!isRecord(given)) return given;
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}
