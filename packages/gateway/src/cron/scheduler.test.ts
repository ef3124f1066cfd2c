import { expect, test } from "bun:test";
import { refuse } from "@carapace/protocol";
import type { Run, RunOutcome } from "@carapace/state";
import { readRunOptions } from "../runs/options.ts";
import { bench, hourMs, minuteMs, noonMs } from "./testing/bench.ts";

const turn = (message = "look at the weather") => ({ kind: "agentTurn", message });
const every = (everyMs: number) => ({ kind: "every", everyMs });
const failing = async (): Promise<RunOutcome> => ({ status: "failed", error: "The model is down." });

function held() {
  const gate = Promise.withResolvers<RunOutcome>();
  return { answer: () => gate.promise, end: () => gate.resolve({ status: "completed", response: "late" }) };
}

test("a job runs at its time, once, in its own session, and its end is told and kept", async () => {
  await using it = await bench();
  const job = await it.add({
    schedule: { kind: "at", atMs: noonMs + minuteMs },
    payload: turn(),
    sessionTarget: "isolated",
  });
  expect(job.state.nextRunAtMs).toBe(noonMs + minuteMs);
  await it.pass(minuteMs - 1);
  expect(it.door.turns).toEqual([]);
  await it.pass(1);
  const id = `cron:${job.id}:${noonMs + minuteMs}`;
  expect(it.door.turns.map((one) => [one.id, one.text])).toEqual([
    [id, "look at the weather"],
    [`cron-summary:${id}`, "Cron (job): done"],
  ]);
  expect(it.events.map(({ status, runId }) => [status, runId])).toEqual([
    ["scheduled", undefined],
    ["started", id],
    ["completed", id],
  ]);
  expect(await it.history(job.id)).toMatchObject([
    { id, status: "ok", summary: "done", trigger: "schedule" },
  ]);
  expect(await it.job(job.id)).toMatchObject({ enabled: false, state: { lastStatus: "ok" } });
  await it.pass(hourMs);
  expect(it.door.turns).toHaveLength(2);
  expect(it.clock.timers()).toBe(0);
});

test("a job for the main session runs there, and posts no summary", async () => {
  await using it = await bench();
  await it.add({ schedule: every(minuteMs), payload: turn() });
  await it.pass(minuteMs);
  expect(it.door.turns.map(({ text }) => text)).toEqual(["look at the weather"]);
  expect(it.door.turns[0]?.run.input.blocks).toMatchObject([{ origin: { kind: "owner" } }]);
});

test("an event is told, now or with the next heartbeat", async () => {
  await using it = await bench();
  await it.add({
    schedule: every(minuteMs),
    payload: { kind: "systemEvent", text: "tea" },
    wakeMode: "next-heartbeat",
  });
  await it.pass(minuteMs);
  expect(it.told).toMatchObject([
    { text: "tea", mode: "next-heartbeat", reason: "cron", origin: { kind: "owner" } },
  ]);
  expect(await it.history()).toMatchObject([{ status: "ok" }]);
});

test("a job that wanted to go after its run goes", async () => {
  await using it = await bench();
  const job = await it.add({
    schedule: { kind: "at", atMs: noonMs + 1000 },
    ...{ payload: turn(), deleteAfterRun: true },
  });
  await it.pass(1000);
  expect(await it.job(job.id)).toBeUndefined();
  expect(await it.history(job.id)).toMatchObject([{ status: "ok" }]);
});

test("a missed time is left out, made up for once, or each is", async () => {
  await using it = await bench();
  const add = (missed: string) =>
    it.add({ name: missed, schedule: every(10 * minuteMs), payload: turn(missed), missed });
  const [skip, once, all] = [await add("skip"), await add("once"), await add("all")];
  await it.desk[Symbol.asyncDispose]();
  it.clock.setWall(noonMs + 35 * minuteMs);
  const next = await it.restart();
  await next.settle();
  const outcome = async (id: string) =>
    (await next.history(id)).map(({ status, trigger, plannedAtMs }) => [
      status,
      trigger,
      (plannedAtMs - noonMs) / minuteMs,
    ]);
  expect(await outcome(skip.id)).toEqual([["skipped", "schedule", 10]]);
  expect((await next.history(skip.id))[0]?.error).toStartWith("Missed by 25 min: ");
  expect(await outcome(once.id)).toEqual([["ok", "catch-up", 10]]);
  expect((await outcome(all.id)).toSorted()).toEqual([
    ["ok", "catch-up", 10],
    ["ok", "catch-up", 20],
    ["ok", "schedule", 30],
  ]);
  for (const { id } of [skip, once, all])
    expect((await next.job(id))?.state.nextRunAtMs).toBe(noonMs + 40 * minuteMs);
  await next.desk[Symbol.asyncDispose]();
});

test("a job that catches up with everything begins with the newest hundred", async () => {
  await using it = await bench();
  const job = await it.add({
    schedule: every(1000),
    payload: { kind: "systemEvent", text: "x" },
    missed: "all",
  });
  await it.desk[Symbol.asyncDispose]();
  it.clock.setWall(noonMs + 24 * hourMs);
  const next = await it.restart();
  await next.pass(1);
  const runs = await next.history(job.id);
  expect(runs.filter(({ status }) => status === "skipped")).toHaveLength(1);
  const ran = runs.filter(({ status }) => status === "ok");
  expect(ran.length).toBeGreaterThan(90);
  expect(ran.length).toBeLessThanOrEqual(101);
  await next.desk[Symbol.asyncDispose]();
});

test("with a grace of its own a job forgets what is older, and does not mind what is younger", async () => {
  await using it = await bench();
  const at = (name: string, graceMs: number) =>
    it.add({ name, schedule: { kind: "at", atMs: noonMs + minuteMs }, payload: turn(name), graceMs });
  const [short, long] = [await at("short", 60_000), await at("long", hourMs)];
  await it.desk[Symbol.asyncDispose]();
  it.clock.setWall(noonMs + 30 * minuteMs);
  const next = await it.restart();
  await next.settle();
  expect(await next.history(short.id)).toMatchObject([{ status: "skipped" }]);
  expect(await next.job(short.id)).toMatchObject({ enabled: false, state: { lastStatus: "skipped" } });
  expect(await next.history(long.id)).toMatchObject([{ status: "ok" }]);
  await next.desk[Symbol.asyncDispose]();
});

test.each(["skip", "queue", "replace"])(
  "a time that comes while the run before it goes on: %s",
  async (overlap) => {
    const first = held();
    let turns = 0;
    await using it = await bench({
      answer: () => (turns++ === 0 ? first.answer() : { status: "completed" }),
    });
    const job = await it.add({ schedule: every(minuteMs), payload: turn(), overlap });
    await it.pass(3.5 * minuteMs);
    expect(it.door.turns).toHaveLength(1);
    first.end();
    await it.settle();
    const statuses = (await it.history(job.id)).map(({ status }) => status).toSorted();
    expect(statuses).toEqual(overlap === "skip" ? ["ok", "skipped"] : ["ok", "ok"]);
    expect((await it.job(job.id))?.state.nextRunAtMs).toBe(noonMs + 4 * minuteMs);
  },
);

test("no more run at once than may, and who waits for a place is not late", async () => {
  const gate = held();
  await using it = await bench({ maxConcurrent: 1, answer: gate.answer });
  for (const name of ["a", "b"])
    await it.add({ name, schedule: every(hourMs), payload: turn(name), sessionTarget: "isolated" });
  await it.pass(hourMs + 10 * minuteMs);
  expect(it.door.turns).toHaveLength(1);
  gate.end();
  await it.settle();
  const ran = it.door.turns.filter(({ id }) => id.startsWith("cron:"));
  expect(ran.map(({ text }) => text).toSorted()).toEqual(["a", "b"]);
  expect((await it.history()).map(({ status }) => status)).toEqual(["ok", "ok"]);
});

test("a job that fails is left alone for longer each time, and is switched off in the end: told and audited", async () => {
  await using it = await bench({ answer: failing });
  const job = await it.add({ schedule: every(1000), payload: turn(), maxFailures: 3 });
  await it.pass(1000);
  expect((await it.job(job.id))?.state.nextRunAtMs).toBe(noonMs + 31_000);
  await it.pass(30_000);
  expect((await it.job(job.id))?.state.nextRunAtMs).toBe(noonMs + 91_000);
  await it.pass(minuteMs);
  expect(await it.job(job.id)).toMatchObject({
    enabled: false,
    state: { lastError: "The model is down.", failures: 3 },
  });
  expect(it.told.map(({ text }) => text).join()).toContain("is switched off");
  await it.temporary.state.audit.flush();
  const { records } = await it.temporary.state.audit.tail({ limit: 20 });
  expect(records.find(({ event }) => event === "cron_job_disabled")?.data).toMatchObject({
    job_id: job.id,
    failures: 3,
  });
  const updated = await it.desk.jobs.update(job.id, { enabled: true }, "test");
  expect(updated).toMatchObject({ ok: true, value: { enabled: true } });
  expect((await it.job(job.id))?.state).not.toHaveProperty("failures");
});

test("an alert goes to whom the job names, once for a series of failures", async () => {
  await using it = await bench({ answer: failing });
  await it.add({
    schedule: every(hourMs),
    payload: turn(),
    alert: { channel: "Telegram", to: "7", after: 2 },
  });
  await it.add({ name: "quiet", schedule: every(hourMs), payload: turn(), alert: {} });
  await it.pass(3 * hourMs);
  expect(it.sent).toMatchObject([{ channel: "telegram", to: "7" }]);
  expect(it.told).toHaveLength(1);
});

test("a used up budget leaves the job alone until the next day", async () => {
  await using it = await bench();
  const job = await it.add({ schedule: every(hourMs), payload: turn(), budget: { maxRunsPerDay: 2 } });
  await it.pass(11 * hourMs);
  expect(it.door.turns).toHaveLength(2);
  expect((await it.history(job.id))[0]).toMatchObject({
    status: "skipped",
    error: expect.stringContaining("2 runs"),
  });
  expect((await it.job(job.id))?.state.nextRunAtMs).toBe(noonMs + 12 * hourMs);
  await it.pass(2 * hourMs);
  expect(it.door.turns).toHaveLength(4);
});

test("a budget of tokens counts what the job's own session used today", async () => {
  await using it = await bench();
  const budget = { maxTokensPerDay: 100 };
  const refused = it.add({ schedule: every(hourMs), payload: turn(), budget });
  expect(refused).rejects.toThrow("needs sessionTarget isolated");
  await it.add({ schedule: every(hourMs), payload: turn(), budget, sessionTarget: "isolated" });
  await it.pass(hourMs);
  const { sessionKey } = it.door.turns[0]?.run ?? {};
  if (sessionKey === undefined) throw new Error("it did not run");
  await it.temporary.state.usage.record({
    ...{ provider: "p", model: "p:m", sessionKey, agentId: "default", costUsd: 0, atMs: it.clock.nowMs() },
    usage: { inputTokens: 60, outputTokens: 40 },
  });
  await it.pass(hourMs);
  expect((await it.history())[0]).toMatchObject({
    status: "skipped",
    error: expect.stringContaining("100 tokens"),
  });
});

test("a run by hand neither waits for its time nor moves it, and none overlaps another", async () => {
  const gate = held();
  await using it = await bench({ answer: gate.answer });
  const job = await it.add({ schedule: every(hourMs), payload: turn() });
  expect(await it.desk.jobs.run(job.id, "due", "test")).toMatchObject({
    value: { ran: false, reason: "not-due" },
  });
  expect(await it.desk.jobs.run(job.id, "force", "test")).toMatchObject({ value: { ran: true } });
  expect(await it.desk.jobs.run(job.id, "force", "test")).toMatchObject({
    value: { ran: false, reason: "already-running" },
  });
  gate.end();
  await it.settle();
  expect(await it.history(job.id)).toMatchObject([{ trigger: "manual", status: "ok" }]);
  expect((await it.job(job.id))?.state.nextRunAtMs).toBe(noonMs + hourMs);
  expect(await it.desk.jobs.run("nobody", "force", "test")).toMatchObject({
    ok: false,
    say: "job not found",
  });
});

test("who starts a job by hand gets the id that its events have", async () => {
  await using it = await bench();
  const told: unknown[] = [];
  for (const payload of [turn(), { kind: "systemEvent", text: "tea" }] as const) {
    const job = await it.add({ schedule: every(hourMs), payload });
    const asked = await it.desk.jobs.run(job.id, "force", "test");
    await it.settle();
    told.push(asked.ok ? asked.value.runId : asked);
  }
  const started = it.events.filter(({ status }) => status === "started").map(({ runId }) => runId);
  expect(told).toEqual(started);
  expect(started).toEqual([expect.stringMatching(/^cron:/), expect.stringMatching(/^event:cron:/)]);
});

test("a delivered reply is proven: the run ends with the outbox's word", async () => {
  let handOver: (run: Run) => Promise<unknown> = async () => undefined;
  await using it = await bench({
    answer: async (run) => {
      await handOver(run);
      return { status: "completed", response: "done" };
    },
  });
  const { outbox } = it.temporary.state;
  // As the end of a real turn does.
  handOver = async (run) => {
    const { delivery } = readRunOptions(run.options);
    if (delivery === undefined) throw new Error("it was not asked to deliver");
    const { channel, to, source, idempotencyKey, maxAttempts } = delivery;
    const parts = [{ type: "text" as const, text: "done" }];
    await outbox.add(
      { channel, to, parts, source, idempotencyKey, maxAttempts },
      { id: "m1", nowMs: noonMs },
    );
  };
  const payload = { ...turn(), deliver: true, channel: "Telegram", to: "7", bestEffortDeliver: true };
  const job = await it.add({ schedule: { kind: "at", atMs: noonMs + 1 }, payload });
  await it.pass(1);
  const queued = await outbox.find("m1");
  expect(queued).toMatchObject({
    ...{ channel: "telegram", to: "7", maxAttempts: 3, source: { kind: "cron", id: job.id } },
    idempotencyKey: `cron-deliver:cron:${job.id}:${noonMs + 1}`,
  });
  if (queued === undefined) throw new Error("nothing was handed over");
  expect(await it.history(job.id)).toMatchObject([{ status: "running" }]);
  await outbox.save({ ...queued, status: "failed", lastError: "The bot was blocked." });
  while ((await it.history(job.id))[0]?.status === "running") await Bun.sleep(5);
  expect(await it.history(job.id)).toMatchObject([
    {
      ...{ status: "error", outboxId: "m1" },
      error: "The reply could not be delivered (failed): The bot was blocked.",
    },
  ]);
});

test("after days off a run whose reply is on its way is followed, and one that had not begun is reported", async () => {
  await using it = await bench();
  const job = await it.add({
    ...{ schedule: every(1000 * hourMs), sessionTarget: "isolated" },
    payload: { ...turn(), deliver: true, channel: "telegram", to: "7" },
  });
  const { cronRuns, outbox } = it.temporary.state;
  await it.desk[Symbol.asyncDispose]();
  const run = {
    jobId: job.id,
    trigger: "manual" as const,
    plannedAtMs: 1,
    startedAtMs: noonMs,
    status: "running" as const,
  };
  for (const id of ["sent", "lost"]) await cronRuns.begin({ ...run, id, runId: id }, job);
  const added = await outbox.add(
    {
      ...{ channel: "telegram", to: "7", parts: [{ type: "text", text: "done" }] },
      ...{ source: { kind: "cron", id: job.id }, idempotencyKey: "cron-deliver:sent" },
    },
    { id: "m1", nowMs: noonMs },
  );
  if (added.kind === "full") throw new Error("no room");
  await outbox.save({ ...added.message, status: "sent" });
  it.clock.setWall(noonMs + 48 * hourMs);
  const next = await it.restart();
  await next.settle();
  expect(next.door.turns).toEqual([]);
  expect(await cronRuns.find("sent")).toMatchObject({ status: "ok", outboxId: "m1" });
  expect(await cronRuns.find("lost")).toMatchObject({
    status: "error",
    error: expect.stringContaining("had begun"),
  });
  await next.desk[Symbol.asyncDispose]();
});

test("a job whose turn nobody can take fails with the reason", async () => {
  await using it = await bench();
  it.door.unplug(refuse("provider_not_configured", "No model is set up."));
  const job = await it.add({ schedule: every(hourMs), payload: turn() });
  await it.pass(hourMs);
  expect(await it.history(job.id)).toMatchObject([{ status: "error", error: "No model is set up." }]);
});

test("a job that cannot be begun, for a full disk, say, is tried again: it is neither late nor in the others' way", async () => {
  await using it = await bench();
  const { cronRuns } = it.temporary.state;
  const begin = cronRuns.begin;
  const [first, second] = [await it.add({ schedule: every(hourMs), payload: turn("a") }), "b"];
  await it.add({ schedule: every(hourMs), payload: turn(second) });
  let isFull = true;
  // The disk takes nothing for a while.
  Object.assign(cronRuns, {
    begin: (...[run, job]: Parameters<typeof begin>) =>
      isFull && run.jobId === first.id ? Promise.reject(new Error("disk full")) : begin(run, job),
  });
  await it.pass(hourMs + 5 * minuteMs);
  expect(it.door.turns.map(({ text }) => text)).toEqual(["b"]);
  isFull = false;
  await it.pass(minuteMs);
  expect(it.door.turns.map(({ text }) => text)).toEqual(["b", "a"]);
  expect(await it.history(first.id)).toMatchObject([{ status: "ok", plannedAtMs: noonMs + hourMs }]);
});

test("a clock set forward or back is noticed and audited; nothing runs twice", async () => {
  await using it = await bench();
  const job = await it.add({ schedule: every(hourMs), payload: turn() });
  await it.pass(hourMs);
  it.clock.setWall(noonMs + 3.5 * hourMs);
  await it.pass(minuteMs);
  expect(it.door.turns).toHaveLength(1);
  expect((await it.job(job.id))?.state.nextRunAtMs).toBe(noonMs + 4 * hourMs);
  it.clock.setWall(noonMs);
  await it.pass(minuteMs);
  expect((await it.job(job.id))?.state.nextRunAtMs).toBe(noonMs + hourMs);
  await it.pass(hourMs);
  // That time ran already, by the clock as it was.
  expect(it.door.turns).toHaveLength(1);
  // The next was left out by it; the one after that is new.
  await it.pass(2 * hourMs);
  expect(it.door.turns).toHaveLength(2);
  await it.temporary.state.audit.flush();
  const { records } = await it.temporary.state.audit.tail({ limit: 50 });
  const jumps = records.filter(({ event }) => event === "cron_clock_jump_detected");
  expect(
    jumps.map(({ data }) => Math.round((Number(data["jump_ms"]) / hourMs) * 10) / 10).toSorted(),
  ).toEqual([-3.5, 2.5]);
});

test("a switched off scheduler runs nothing by itself, but by hand", async () => {
  let isEnabled = false;
  await using it = await bench({ isEnabled: () => isEnabled });
  const job = await it.add({ schedule: every(minuteMs), payload: turn() });
  await it.pass(hourMs);
  expect(it.door.turns).toEqual([]);
  expect(it.clock.timers()).toBe(0);
  expect(await it.desk.jobs.run(job.id, "force", "test")).toMatchObject({ value: { ran: true } });
  await it.settle();
  expect(it.door.turns).toHaveLength(1);
  isEnabled = true;
  await it.desk.reload();
  await it.pass(2 * minuteMs);
  expect(it.door.turns.length).toBeGreaterThan(1);
});
