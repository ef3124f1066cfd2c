import { expect, test } from "bun:test";
import type { CronJob } from "@carapace/state";
import { readDeclared } from "./declared.ts";
import { maxJobs } from "./jobs.ts";
import { bench, hourMs, minuteMs, noonMs } from "./testing/bench.ts";

const payload = { kind: "agentTurn", message: "look" };
const schedule = { kind: "every", everyMs: hourMs };

/** A job as the reference's file has it. */
function imported(changes: Partial<CronJob>): CronJob {
  return {
    ...{ id: "old", name: "old", enabled: true, createdAtMs: 1, updatedAtMs: 1, payload },
    ...{ schedule: { kind: "cron", expr: "0 9 * * *" }, state: { nextRunAtMs: noonMs - hourMs } },
    ...{ sessionTarget: "isolated", wakeMode: "someday", ...changes },
  };
}

async function withImported(...jobs: CronJob[]) {
  return await bench({
    before: async ({ state }) => {
      await Promise.all(jobs.map((job) => state.cron.save(job)));
    },
  });
}

test("an imported job keeps its label and the reference's rule: what it missed is left out", async () => {
  await using it = await withImported(imported({}));
  await it.settle();
  expect(it.door.turns).toEqual([]);
  expect(await it.history("old")).toMatchObject([{ status: "skipped" }]);
  expect((await it.job("old"))?.state.nextRunAtMs).toBe(noonMs + 21 * hourMs);
  await it.pass(21 * hourMs);
  const [turn, summary] = it.door.turns;
  expect(turn?.run.input.blocks).toMatchObject([{ text: "look", origin: { kind: "imported" } }]);
  expect(summary?.run.input.blocks).toMatchObject([{ origin: { kind: "model", from: ["imported"] } }]);
  await it.desk.jobs.update("old", { payload: { kind: "systemEvent", text: "mine" } }, "test");
  expect(await it.job("old")).toMatchObject({ origin: { kind: "owner" } });
});

test("an imported job whose schedule cannot be kept is switched off and audited; one of a later kind stays", async () => {
  await using it = await withImported(
    imported({ id: "never", schedule: { kind: "cron", expr: "0 0 30 2 *" } }),
    imported({ id: "later", schedule: { kind: "moon", phase: 1 } }),
    imported({ id: "nulls", schedule: { kind: "every", everyMs: hourMs, anchorMs: null }, state: {} }),
    imported({ id: "dead", schedule: { kind: "at", atMs: noonMs - 1 }, state: {} }),
  );
  expect(await it.job("never")).toMatchObject({ enabled: false });
  expect((await it.job("never"))?.state).not.toHaveProperty("nextRunAtMs");
  expect(await it.job("later")).toMatchObject({ enabled: true, schedule: { kind: "moon" } });
  expect((await it.job("nulls"))?.state.nextRunAtMs).toBe(noonMs + 1);
  await it.desk.jobs.remove("nulls", "test");
  expect(await it.job("dead")).toMatchObject({ enabled: false });
  expect(await it.desk.jobs.run("later", "force", "test")).toMatchObject({
    ok: false,
    code: "invalid_request",
  });
  await it.pass(24 * hourMs);
  expect(it.door.turns).toEqual([]);
  await it.temporary.state.audit.flush();
  const { records } = await it.temporary.state.audit.tail({ limit: 20 });
  expect(
    records.filter(({ event }) => event === "cron_job_quarantined").map(({ data }) => data),
  ).toMatchObject([{ job_id: "never", name: "old" }]);
});

test("what an earlier process left running is no longer, if no run of it is known", async () => {
  await using it = await withImported(
    imported({ schedule, state: { runningAtMs: 5, nextRunAtMs: noonMs + 1, plannedAtMs: noonMs + 1 } }),
  );
  expect((await it.job("old"))?.state).not.toHaveProperty("runningAtMs");
});

test("beyond 500 jobs the one goes that was not used for longest; 500 wait with one timer", async () => {
  const old = Array.from({ length: maxJobs }, (_, index) =>
    imported({
      ...{ id: `job-${String(index).padStart(3, "0")}`, updatedAtMs: index + 1, state: {} },
      schedule: { kind: "cron", expr: `${index % 60} 9 * * *` },
    }),
  );
  await using it = await withImported(...old);
  expect(it.clock.timers()).toBe(1);
  await it.desk.jobs.update("job-000", { description: "used" }, "test");
  await it.add({ name: "one more", schedule, payload });
  const ids = (await it.temporary.state.cron.list()).map(({ id }) => id);
  expect(ids).toHaveLength(maxJobs);
  expect(ids).toContain("job-000");
  expect(ids).not.toContain("job-001");
  expect(it.clock.timers()).toBe(1);
});

test("wrong jobs are refused with what is wrong", async () => {
  await using it = await bench();
  const refusals: [Record<string, unknown>, string][] = [
    [{ schedule: { kind: "hourly" }, payload }, "schedule.kind must be 'at', 'every', or 'cron'"],
    [{ payload }, "schedule.kind must be 'at', 'every', or 'cron'"],
    [{ schedule, payload: { kind: "shell" } }, "payload.kind must be 'systemEvent' or 'agentTurn'"],
    [{ schedule }, "payload.kind must be 'systemEvent' or 'agentTurn'"],
    [{ schedule, payload: { kind: "agentTurn", message: " " } }, "payload.message is required"],
    [{ schedule, payload: { kind: "systemEvent", text: "x".repeat(8193) } }, "at most 8192 bytes"],
    [{ schedule, payload: { ...payload, model: "a:b", route: "c" } }, "exclude each other"],
    [{ schedule: { kind: "every", everyMs: 0 }, payload }, "schedule.everyMs must be at least 1"],
    [{ schedule: { kind: "at", atMs: noonMs }, payload }, "has passed"],
    [{ schedule: { kind: "cron", expr: "@reboot" }, payload }, "invalid cron expression"],
    [
      { schedule: { kind: "cron", expr: "* * * * *", tz: "Mars/Base" }, payload },
      "invalid IANA timezone 'Mars/Base'",
    ],
    [{ schedule, payload, name: "x".repeat(257) }, "name must be at most 256 bytes"],
    [{ schedule, payload, name: " " }, "name is required"],
    [{ schedule, payload, missed: "never" }, "missed must be"],
  ];
  for (const [params, say] of refusals) expect(it.add(params)).rejects.toThrow(say);
  expect(await it.temporary.state.cron.list()).toEqual([]);
});

test("a change keeps what it does not name, and the time that the job waits for", async () => {
  await using it = await bench();
  const job = await it.add({ schedule, payload, description: "mine", missed: "once" });
  await it.clock.pass(10 * minuteMs);
  const renamed = await it.desk.jobs.update(job.id, { name: "new" }, "test");
  expect(renamed).toMatchObject({
    ok: true,
    value: { ...job, name: "new", updatedAtMs: noonMs + 10 * minuteMs },
  });
  const off = await it.desk.jobs.update(job.id, { enabled: false }, "test");
  expect(off.ok && off.value.state).toEqual({});
  const on = await it.desk.jobs.update(
    job.id,
    { enabled: true, schedule: { kind: "every", everyMs: minuteMs } },
    "t",
  );
  expect(on).toMatchObject({ value: { state: { nextRunAtMs: noonMs + 11 * minuteMs } } });
  expect(await it.desk.jobs.update("nobody", {}, "test")).toMatchObject({ ok: false, say: "job not found" });
  expect(await it.desk.jobs.remove(job.id, "test")).toEqual({ ok: true, value: true });
  expect(await it.desk.jobs.remove(job.id, "test")).toEqual({ ok: true, value: false });
  expect(it.clock.timers()).toBe(0);
});

test("jobs of the configuration file follow it, keep their history, and are not changed by methods", async () => {
  let entries: Record<string, unknown>[] = [
    { name: "news", schedule: "0 9 * * *", tz: "Europe/Berlin", payload: { message: "news?" } },
    { schedule: { kind: "every", everyMs: hourMs }, payload: { text: "tick" } },
    { name: "wrong", schedule: "never", payload: { text: "x" } },
  ];
  await using it = await bench({ entries: () => entries });
  const names = async () => (await it.temporary.state.cron.list()).map(({ id }) => id);
  expect(await names()).toEqual(["config:entry 2", "config:news"]);
  expect(await it.job("config:news")).toMatchObject({
    ...{
      schedule: { expr: "0 9 * * *", tz: "Europe/Berlin" },
      payload: { kind: "agentTurn", message: "news?" },
    },
  });
  await it.pass(hourMs);
  expect(it.told).toMatchObject([{ text: "tick" }]);
  const before = await it.job("config:entry 2");
  await it.desk.reload();
  expect(await it.job("config:entry 2")).toEqual(before as CronJob);
  entries = [{ name: "news", schedule: "30 9 * * *", payload: { message: "news?" } }];
  await it.desk.reload();
  expect(await names()).toEqual(["config:news"]);
  expect(await it.job("config:news")).toMatchObject({ schedule: { expr: "30 9 * * *" } });
  for (const refused of [
    await it.desk.jobs.update("config:news", { name: "x" }, "test"),
    await it.desk.jobs.remove("config:news", "test"),
  ])
    expect(refused.ok ? "" : refused.say).toContain("declared in the configuration file");
});

test("of two entries with one name the first counts", () => {
  const read = readDeclared([
    { name: "a", schedule: "* * * * *", payload: { text: "one" } },
    { name: "a", schedule: "* * * * *", payload: { text: "two" } },
  ]);
  expect(read.map(({ job }) => job.ok && job.value.payload)).toMatchObject([{ text: "one" }]);
});

test("the next times begin with the one that is waited for", async () => {
  await using it = await bench();
  const job = await it.add({ schedule, payload });
  expect(await it.desk.jobs.upcoming(job, 3)).toEqual([1, 2, 3].map((hours) => noonMs + hours * hourMs));
});
