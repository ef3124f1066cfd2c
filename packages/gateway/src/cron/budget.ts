import type { State } from "@carapace/state";
import { findByKey } from "../sessions/find.ts";
import type { Job } from "./job.ts";
import { sessionNameOf } from "./turn.ts";

const dayMs = 86_400_000;
/** More runs than this in a day are not counted one by one. */
const maxCounted = 5000;

/** @returns why a job may not run any more today (in UTC); undefined while its budget lasts (agent.md §13 *Better*). */
export async function overBudget(
  job: Job,
  state: Pick<State, "cronRuns" | "usage" | "sessions">,
  nowMs: number,
): Promise<string | undefined> {
  const { budget } = job;
  if (budget === undefined) return undefined;
  const { maxRunsPerDay, maxTokensPerDay, maxCostUsdPerDay } = budget;
  const sinceMs = Math.floor(nowMs / dayMs) * dayMs;
  if (maxRunsPerDay !== undefined) {
    const runs = await state.cronRuns.list({
      jobId: job.id,
      limit: Math.min(maxCounted, maxRunsPerDay * 4 + 100),
    });
    const today = runs.filter(({ startedAtMs, status }) => startedAtMs >= sinceMs && status !== "skipped");
    if (today.length >= maxRunsPerDay) return say(`${maxRunsPerDay} runs`);
  }
  if (maxTokensPerDay === undefined && maxCostUsdPerDay === undefined) return undefined;
  const session = await findByKey(state.sessions, sessionNameOf(job));
  if (session === undefined) return undefined;
  const days = await state.usage.days(sinceMs, session.key);
  const sum = (read: (day: (typeof days)[number]) => number) =>
    days.reduce((total, day) => total + read(day), 0);
  const tokens = sum(({ inputTokens, outputTokens }) => inputTokens + outputTokens);
  if (maxTokensPerDay !== undefined && tokens >= maxTokensPerDay) return say(`${maxTokensPerDay} tokens`);
  const cost = sum(({ costUsd }) => costUsd);
  if (maxCostUsdPerDay !== undefined && cost >= maxCostUsdPerDay) return say(`${maxCostUsdPerDay} USD`);
  return undefined;
}

function say(what: string): string {
  return `The job's budget of ${what} for today (UTC) is used up.`;
}
