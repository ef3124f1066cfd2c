import { ok, type Result, refuse, type Schedule } from "@carapace/protocol";
import type { Cron } from "croner";
import { forLibrary, readExpression } from "./expression.ts";
import { instantOf, type Offset, offsetOf } from "./wall-clock.ts";

/** How far ahead a time is looked for: one that does not come within 2,100,000 minutes never does (agent.md §13). */
const horizonMs = 2_100_000 * 60_000;
/** Times that a change to or from summer time takes out, at most one after the other. */
const maxLooks = 10_000;

/** Says when schedules are due. */
export interface Calendar {
  /**
   * The schedule as it is stored: aliases expanded, an anchor set.
   * @returns `invalid_request` for an expression or a zone that is none, and for one that never comes.
   */
  check(schedule: Schedule, nowMs: number): Promise<Result<Schedule>>;
  /** The first planned time after an instant, without jitter; undefined if there is none. Never throws. */
  next(schedule: Schedule, afterMs: number): Promise<number | undefined>;
}

/** Cron expressions are read by a library that is loaded with the first of them; equal ones are read once. */
export function createCalendar(): Calendar {
  const rules = new Map<string, Rule>();

  async function ruleOf(schedule: CronSchedule): Promise<Result<Rule>> {
    const { expr, tz = "UTC", dayMatch = "and" } = schedule;
    const name = [expr, tz, dayMatch].join("\n");
    const known = rules.get(name);
    if (known !== undefined) return ok(known);
    const read = await readRule(schedule);
    if (!read.ok) return read;
    // No more than there may be jobs, twice over.
    if (rules.size >= 1000) rules.clear();
    rules.set(name, read.value);
    return read;
  }

  return {
    async check(schedule, nowMs) {
      if (schedule.kind === "at") return ok(schedule);
      if (schedule.kind === "every") return ok({ ...schedule, anchorMs: schedule.anchorMs ?? nowMs });
      const rule = await ruleOf(schedule);
      if (!rule.ok) return rule;
      const next = nextOf(rule.value, nowMs);
      if (next !== undefined) return ok({ ...schedule, expr: rule.value.expr });
      return refuse(
        "invalid_request",
        `invalid cron expression: "${rule.value.expr}" names no day within the next four years`,
      );
    },
    async next(schedule, afterMs) {
      if (schedule.kind === "at") return schedule.atMs > afterMs ? schedule.atMs : undefined;
      if (schedule.kind === "every") return nextEvery(schedule, afterMs);
      const rule = await ruleOf(schedule);
      return rule.ok ? nextOf(rule.value, afterMs) : undefined;
    },
  };
}

type CronSchedule = Extract<Schedule, { kind: "cron" }>;

interface Rule {
  readonly expr: string;
  /** The expression on a clock without summer time. */
  readonly wall: Cron;
  readonly offset: Offset;
}

async function readRule({ expr, tz = "UTC", dayMatch = "and" }: CronSchedule): Promise<Result<Rule>> {
  const read = readExpression(expr);
  if (!read.ok) return read;
  const offset = offsetOf(tz);
  if (offset === undefined) return refuse("invalid_request", `invalid IANA timezone '${tz}'`);
  const { Cron } = await import("croner");
  const options = { mode: "5-part", utcOffset: 0, paused: true, domAndDow: dayMatch === "and" } as const;
  return ok({ expr: read.value, wall: new Cron(forLibrary(read.value), options), offset });
}

/** Walks the zone's wall clock: a time in the gap is skipped, a repeated one counts once, the first time. */
function nextOf({ wall, offset }: Rule, afterMs: number): number | undefined {
  let atMs = afterMs + offset(afterMs);
  for (let looks = 0; looks < maxLooks; looks += 1) {
    const next = wall.nextRun(new Date(atMs));
    if (next === null || next.getTime() - afterMs > horizonMs) return undefined;
    atMs = next.getTime();
    const instant = instantOf(atMs, offset);
    if (instant !== undefined && instant > afterMs) return instant;
  }
  return undefined;
}

/** Times of an interval that lie nearer together are left out: a number meant as seconds must not run all the time. */
const minEveryMs = 1000;

function nextEvery(
  { everyMs, anchorMs = 0 }: Extract<Schedule, { kind: "every" }>,
  afterMs: number,
): number | undefined {
  if (anchorMs > afterMs) return anchorMs;
  const stepMs = everyMs * Math.ceil(minEveryMs / everyMs);
  const next = anchorMs + (Math.floor((afterMs - anchorMs) / stepMs) + 1) * stepMs;
  return Number.isSafeInteger(next) ? next : undefined;
}
