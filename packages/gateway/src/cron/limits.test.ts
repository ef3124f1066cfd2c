import { expect, test } from "bun:test";
import type { CronJob } from "@carapace/state";
import { maxJobs } from "./jobs.ts";
import { bench, hourMs } from "./testing/bench.ts";

const payload = { kind: "agentTurn", message: "look" };
const every = (everyMs: number) => ({ kind: "every", everyMs });

test("a job's runs of a day count though the history has forgotten them, and after a restart", async () => {
  await using it = await bench();
  const job = await it.add({ schedule: every(hourMs), payload, budget: { maxRunsPerDay: 2 } });
  await it.pass(2 * hourMs);
  expect(it.door.turns).toHaveLength(2);
  await it.temporary.state.cronRuns.prune(0);
  await using next = await it.restart();
  await next.pass(9 * hourMs);
  expect(next.door.turns).toEqual([]);
  expect(await next.history(job.id)).toMatchObject([{ status: "skipped" }]);
});

test("a job that may cost only so much does not run while nobody knows what it costs", async () => {
  await using it = await bench({ uncounted: ([row]) => row && `nobody knows what ${row.model} costs` });
  const budget = { maxCostUsdPerDay: 1 };
  await it.add({ schedule: every(hourMs), payload, budget, sessionTarget: "isolated" });
  await it.pass(hourMs);
  const { sessionKey } = it.door.turns[0]?.run ?? {};
  if (sessionKey === undefined) throw new Error("it did not run");
  await it.temporary.state.usage.record({
    ...{ provider: "p", model: "p:m", sessionKey, agentId: "default", costUsd: 0, atMs: it.clock.nowMs() },
    usage: { inputTokens: 60, outputTokens: 40 },
  });
  await it.pass(hourMs);
  const error = "The job may cost only 1 USD a day, and nobody knows what p:m costs.";
  expect((await it.history())[0]).toMatchObject({ status: "skipped", error });
});

test("an interval meant as seconds does not run all the time", async () => {
  await using it = await bench();
  await it.add({ schedule: every(1), payload: { kind: "systemEvent", text: "x" } });
  await it.add({ schedule: every(700), payload: { kind: "systemEvent", text: "y" } });
  await it.pass(10_000);
  const told = (text: string) => it.told.filter((event) => event.text === text).length;
  expect([told("x"), told("y")]).toEqual([10, 7]);
});

test("when there are too many jobs, a given reminder makes room before a job that is on", async () => {
  const stored = (id: string, updatedAtMs: number, enabled = true): CronJob => ({
    ...{ id, name: id, enabled, createdAtMs: 1, updatedAtMs, payload, schedule: every(1000 * hourMs) },
    state: {},
  });
  await using it = await bench({
    before: async ({ state }) => {
      await state.cron.save(stored("report", 1));
      await state.cron.save(stored("given", 3, false));
      for (let count = 2; count < maxJobs; count += 1) await state.cron.save(stored(`job-${count}`, 2));
    },
  });
  await it.add({ schedule: every(hourMs), payload });
  expect([await it.job("given"), (await it.job("report"))?.id]).toEqual([undefined, "report"]);
  expect(await it.temporary.state.cron.list()).toHaveLength(maxJobs);
});
