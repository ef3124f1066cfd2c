import type { Schedule } from "@carapace/protocol";
import { isRecord } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { isZone } from "../../../commands/cron/read-time.ts";
import { isWhole } from "../whole.ts";

/** A schedule as it is here, and what is to be known of it. */
export interface ReadSchedule {
  readonly schedule: Schedule;
  readonly note?: string;
}

export interface ScheduleContext {
  readonly nowMs: number;
  /** This machine's, which OpenClaw goes by where a schedule names none; ours goes by UTC then. */
  readonly zone: string;
}

const maxJitterMs = 86_400_000;

/** Pure. Reads a job's schedule. @returns a refusal with a predicate for what cannot be kept here */
export function readSchedule(given: unknown, context: ScheduleContext): Result<ReadSchedule> {
  const schedule = isRecord(given) ? given : {};
  switch (schedule["kind"]) {
    case "at":
      return at(schedule, context.nowMs);
    case "every":
      return every(schedule);
    case "cron":
      return cron(schedule, context.zone);
    default:
      return refuse("invalid_request", "has a kind of schedule that there is none of here");
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** `at` as text in newer versions, `atMs` in older ones. */
function at(fields: Fields, nowMs: number): Result<ReadSchedule> {
  const { at: text, atMs } = fields;
  const parsed = typeof text === "string" && text.length <= 64 ? Date.parse(text) : atMs;
  if (!isWhole(parsed)) return refuse("invalid_request", "names no time");
  if (parsed <= nowMs) return refuse("invalid_request", "was for a time that is over");
  return ok({ schedule: { kind: "at", atMs: parsed } });
}

function every({ everyMs, anchorMs }: Fields): Result<ReadSchedule> {
  if (!isWhole(everyMs) || everyMs < 1) return refuse("invalid_request", "names no interval");
  const anchor = isWhole(anchorMs) && anchorMs >= 0 ? { anchorMs } : {};
  return ok({ schedule: { kind: "every", everyMs, ...anchor } });
}

function cron({ expr, tz, staggerMs }: Fields, zone: string): Result<ReadSchedule> {
  const text = typeof expr === "string" ? expr.trim().replace(/\s+/g, " ") : "";
  if (text === "" || text.length > 256) return refuse("invalid_request", "has no expression");
  const isAlias = text.startsWith("@");
  if (!isAlias && text.split(" ").length !== 5)
    return refuse("invalid_request", `has an expression that is none of five fields: ${text}`);
  const named = typeof tz === "string" && tz.trim() !== "" ? tz.trim() : undefined;
  const jitterMs = isWhole(staggerMs) && staggerMs > 0 ? { jitterMs: Math.min(staggerMs, maxJitterMs) } : {};
  // Day of month or weekday: there, one of the two is enough.
  const days = isAlias ? {} : { dayMatch: "or" as const };
  const schedule = { kind: "cron" as const, expr: text, tz: named ?? zone, ...days, ...jitterMs };
  if (schedule.tz.length > 64 || !isZone(schedule.tz))
    return refuse("invalid_request", `names a time zone that nobody knows: ${schedule.tz}`);
  return ok({ schedule, ...(named === undefined ? { note: `it goes by the time zone ${zone}` } : {}) });
}
