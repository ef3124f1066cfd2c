import type { CronJob } from "@carapace/state";
import { z } from "zod";
import { findByKey } from "../sessions/find.ts";
import type { CronDeps } from "./deps.ts";
import type { Job } from "./job.ts";
import { sessionNameOf } from "./turn.ts";

const dayMs = 86_400_000;

/** @returns why a job may not run any more today (in UTC); undefined while its budget lasts (agent.md §13 *Better*). */
export async function overBudget(
  job: Job,
  { state, clock, uncounted }: Pick<CronDeps, "state" | "clock" | "uncounted">,
): Promise<string | undefined> {
  const { budget } = job;
  if (budget === undefined) return undefined;
  const { maxRunsPerDay, maxTokensPerDay, maxCostUsdPerDay } = budget;
  const sinceMs = dayOf(clock.nowMs());
  if (maxRunsPerDay !== undefined && runsOn(sinceMs, job.stored) >= maxRunsPerDay)
    return say(`${maxRunsPerDay} runs`);
  if (maxTokensPerDay === undefined && maxCostUsdPerDay === undefined) return undefined;
  const session = await findByKey(state.sessions, sessionNameOf(job));
  if (session === undefined) return undefined;
  const days = await state.usage.days(sinceMs, session.key);
  const why = maxCostUsdPerDay === undefined ? undefined : uncounted(days);
  if (why !== undefined) return `The job may cost only ${maxCostUsdPerDay} USD a day, and ${why}.`;
  const sum = (read: (day: (typeof days)[number]) => number) =>
    days.reduce((total, day) => total + read(day), 0);
  const tokens = sum(({ inputTokens, outputTokens }) => inputTokens + outputTokens);
  if (maxTokensPerDay !== undefined && tokens >= maxTokensPerDay) return say(`${maxTokensPerDay} tokens`);
  const cost = sum(({ costUsd }) => costUsd);
  if (maxCostUsdPerDay !== undefined && cost >= maxCostUsdPerDay) return say(`${maxCostUsdPerDay} USD`);
  return undefined;
}

/** Where a day (UTC) begins. Pure. */
function dayOf(ms: number): number {
  return Math.floor(ms / dayMs) * dayMs;
}

const Counted = z.object({ ranOn: z.object({ dayMs: z.number(), runs: z.number() }) });

/** How often the job has begun on that day: with the job, as the history of all jobs forgets. Pure. */
function runsOn(startMs: number, { state }: CronJob): number {
  const { data } = Counted.safeParse(state);
  return data?.ranOn.dayMs === startMs ? data.ranOn.runs : 0;
}

/** What its state says once it has begun again. Pure. */
export function countedRun(job: CronJob, nowMs: number) {
  const startMs = dayOf(nowMs);
  return { ranOn: { dayMs: startMs, runs: runsOn(startMs, job) + 1 } };
}

function say(what: string): string {
  return `The job's budget of ${what} for today (UTC) is used up.`;
}
