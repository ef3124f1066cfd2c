import type { Job } from "./job.ts";

/** So late a run still counts as on time: a machine that was busy or slept for a moment. */
const usualGraceMs = 60_000;
/** How many missed times one job catches up with, the newest. */
export const maxCaughtUp = 100;

/** What becomes of a time that has come. */
export type Verdict =
  | { readonly kind: "run"; readonly trigger: "schedule" | "catch-up"; readonly isBacklog: boolean }
  | { readonly kind: "skip"; readonly why: string };

/**
 * Decides about a time that passed (agent.md §13 *Fix*). On time is what is at most `graceMs` late, a minute unless the
 * job says so, and whatever waited for a place or for the run before it. Later than that: `skip` leaves it out, `once`
 * runs once for all that were missed, `all` runs for each; with a grace of their own those, too, forget what is older.
 * Pure.
 */
export function judgeLateness(
  { missed, graceMs }: Pick<Job, "missed" | "graceMs">,
  { lateMs, isExcused }: { readonly lateMs: number; readonly isExcused: boolean },
): Verdict {
  const isLate = !isExcused && lateMs > (graceMs ?? usualGraceMs);
  if (!isLate) return { kind: "run", trigger: "schedule", isBacklog: missed === "all" };
  if (missed === "skip" || graceMs !== undefined) return { kind: "skip", why: missedSay(lateMs) };
  return { kind: "run", trigger: "catch-up", isBacklog: missed === "all" };
}

function missedSay(lateMs: number): string {
  return `Missed by ${inWords(lateMs)}: the gateway did not run then, or its clock was changed.`;
}

const units = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
] as const;

function inWords(ms: number): string {
  const [size, unit] = units.find(([each]) => ms >= 2 * each) ?? [1000, "s"];
  return `${Math.round(ms / size)} ${unit}`;
}
