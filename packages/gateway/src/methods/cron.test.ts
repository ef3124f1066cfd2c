import { expect, test } from "bun:test";
import { startTestGateway } from "../testing/index.ts";

const schedule = { kind: "every", everyMs: 3_600_000 };
const payload = { kind: "agentTurn", message: "look" };

test("a job is added, listed with its next times, changed, run, and its end told with the run's id", async () => {
  await using gateway = await startTestGateway({ replies: ["Nothing new."] });
  using link = await gateway.connect();
  expect((await link.call("cron.status")).payload).toEqual({ enabled: true, jobs: 0, nextRunAtMs: null });
  const added = await link.call("cron.add", { name: "news", schedule, payload, sessionTarget: "isolated" });
  expect(added.payload).toMatchObject({
    ok: true,
    job: { name: "news", enabled: true, wakeMode: "now", sessionTarget: "isolated", schedule },
  });
  const { id: jobId, state } = Object(added.payload["job"]);
  expect(await link.event("cron")).toMatchObject({ jobId, status: "scheduled", result: { action: "added" } });
  expect((await link.call("cron.status")).payload).toMatchObject({ jobs: 1, nextRunAtMs: state.nextRunAtMs });
  const listed = await link.call("cron.list", { upcoming: 2 });
  const times = [state.nextRunAtMs, state.nextRunAtMs + 3_600_000];
  expect(listed.payload["jobs"]).toMatchObject([{ id: jobId, upcoming: times }]);
  const updated = await link.call("cron.update", { jobId, name: "more news" });
  expect(updated.payload).toMatchObject({ ok: true, jobId, updated: true, job: { name: "more news" } });
  expect((await link.call("cron.run", { jobId })).payload).toMatchObject({ ran: false, reason: "not-due" });
  const ran = await link.call("cron.run", { jobId, mode: "force" });
  const { runId } = ran.payload;
  expect(ran.payload).toMatchObject({ ok: true, jobId, ran: true, reason: null });
  const ended = await link.event("cron", ({ status }) => status === "completed");
  expect(ended).toMatchObject({ jobId, runId, result: { status: "ok", summary: "Nothing new." } });
  expect((await link.call("cron.runs", { jobId })).payload).toMatchObject({
    jobId,
    runs: [{ jobId, action: "finished", status: "ok", summary: "Nothing new.", runId, trigger: "manual" }],
  });
  expect((await link.call("cron.remove", { jobId })).payload).toEqual({ ok: true, jobId, removed: true });
  expect((await link.call("cron.remove", { jobId })).payload).toEqual({ ok: true, jobId, removed: false });
  // What it did is still known.
  expect((await link.call("cron.runs")).payload).toMatchObject({ jobId: null, runs: [{ jobId }] });
  const audit = JSON.stringify((await link.call("audit.tail", { event: "cron_job_changed" })).payload);
  for (const action of ["added", "updated", "run", "removed"])
    expect(audit).toContain(`"action":"${action}"`);
});

test("a job that comes due runs by itself, and its failure is told", async () => {
  await using gateway = await startTestGateway({
    replies: [{ failed: { code: "overloaded", say: "Too busy." } }],
  });
  using link = await gateway.connect();
  await link.call("cron.add", { name: "soon", schedule: { kind: "every", everyMs: 50 }, payload });
  const failed = await link.event("cron", ({ status }) => status === "failed");
  expect(failed).toMatchObject({ result: { status: "error", error: expect.stringContaining("Too busy.") } });
  expect(String(failed["runId"])).toMatch(/^cron:.+:\d+$/);
});

test("jobs of the configuration file are there, and a gateway whose file says so runs none", async () => {
  const config = {
    cron: { enabled: false, entries: [{ name: "x", schedule: "@daily", payload: { text: "y" } }] },
  };
  await using gateway = await startTestGateway({ config });
  using link = await gateway.connect();
  // A method that needs them waits until they are read.
  const refused = await link.call("cron.remove", { jobId: "config:x" });
  expect(refused).toMatchObject({ ok: false, code: "invalid_request" });
  expect((await link.call("cron.list")).payload["jobs"]).toMatchObject([{ id: "config:x", enabled: true }]);
  expect((await link.call("cron.status")).payload).toMatchObject({ enabled: false, jobs: 1 });
});

test.each([
  ["cron.add", {}, "name is required"],
  ["cron.add", { name: 7 }, "name is required"],
  ["cron.add", { name: "x", schedule: {} }, "schedule.kind must be 'at', 'every', or 'cron'"],
  ["cron.update", {}, "jobId is required"],
  ["cron.update", { jobId: "nobody", name: "x" }, "job not found"],
  ["cron.run", { jobId: "nobody" }, "job not found"],
  ["cron.run", { jobId: "x", mode: "soon" }, "mode must be 'due' or 'force'"],
  ["cron.remove", {}, "jobId is required"],
] as const)("%s with %j is refused: %s", async (method, params, message) => {
  await using gateway = await startTestGateway();
  using link = await gateway.connect();
  expect(await link.call(method, params)).toMatchObject({ ok: false, code: "invalid_request", message });
});
