import { expect, test } from "bun:test";
import { readJob } from "./job.ts";

const nowMs = 1_800_000_000_000;
const context = { nowMs, zone: "Europe/Vienna", path: "cron/jobs.json", defaultAgentId: "main" };
const every = { kind: "every", everyMs: 60_000 };
const turn = { kind: "agentTurn", message: "Do it" };

function read(fields: object) {
  const items = readJob({ id: "j", name: "Job", schedule: every, payload: turn, ...fields }, context);
  const job = items.flatMap((item) => (item.kind === "cron" ? item.jobs : []))[0];
  return {
    job,
    told: items.flatMap((item) => (item.kind === "problem" ? [`${item.state}: ${item.say}`] : [])),
  };
}

test.each([
  [
    { kind: "at", at: "2030-01-01T00:00:00Z" },
    { kind: "at", atMs: Date.parse("2030-01-01") },
  ],
  [
    { kind: "at", atMs: nowMs + 1 },
    { kind: "at", atMs: nowMs + 1 },
  ],
  [
    { ...every, anchorMs: 7 },
    { ...every, anchorMs: 7 },
  ],
  [
    { kind: "cron", expr: "0 7 1 * 1", tz: "Asia/Tokyo" },
    { kind: "cron", expr: "0 7 1 * 1", tz: "Asia/Tokyo", dayMatch: "or" },
  ],
  [
    { kind: "cron", expr: " 0  7 * * * ", staggerMs: 5000 },
    { kind: "cron", expr: "0 7 * * *", tz: "Europe/Vienna", dayMatch: "or", jitterMs: 5000 },
  ],
  [
    { kind: "cron", expr: "@daily", tz: "UTC" },
    { kind: "cron", expr: "@daily", tz: "UTC" },
  ],
])("the schedule %j becomes %j", (schedule, expected) => {
  expect(read({ schedule }).job?.schedule).toEqual(expected);
});

test.each([
  [{ schedule: { kind: "at", atMs: nowMs - 1 } }, "was for a time that is over"],
  [{ schedule: { kind: "at", at: "whenever" } }, "names no time"],
  [{ schedule: { kind: "every", everyMs: 0 } }, "names no interval"],
  [{ schedule: { kind: "every", everyMs: 1e300 } }, "names no interval"],
  [{ schedule: { kind: "cron", expr: "0 0 7 * * *" } }, "none of five fields"],
  [{ schedule: { kind: "cron", expr: "" } }, "has no expression"],
  [{ schedule: { kind: "cron", expr: "0 7 * * *", tz: "Middle/Earth" } }, "a time zone that nobody knows"],
  [{ schedule: { kind: "on-exit", command: "x" } }, "a kind of schedule"],
  [{ schedule: null }, "a kind of schedule"],
  [{ payload: { kind: "command", argv: ["sh", "-c", "rm"] } }, "runs a command of the system"],
  [{ payload: { kind: "heartbeat" } }, "own heartbeat"],
  [{ payload: { kind: "dance" } }, "does something"],
  [{ payload: { kind: "agentTurn", message: " " } }, "message is required"],
  [{ payload: { kind: "systemEvent", text: "x".repeat(9000) } }, "text must be at most"],
  [{ payload: { kind: "agentTurn", message: "x".repeat(70_000) } }, "too long a text"],
  [{ declarationKey: "heartbeat:main" }, "makes for itself"],
])("%j is skipped, with why", (fields, why) => {
  const { job, told } = read(fields);
  expect(job).toBeUndefined();
  expect(told).toEqual([expect.stringContaining(why)]);
  expect(told[0]).toStartWith("skipped: ");
});

test("every job arrives switched off, as imported text, with nothing planned", () => {
  const state = { nextRunAtMs: 5, runningAtMs: 6 };
  const { job } = read({ enabled: true, state, origin: { kind: "owner" }, budget: {}, alert: { to: "x" } });
  expect(job).toMatchObject({ enabled: false, state: {} });
  expect(Object.keys(job ?? {}).sort()).toEqual(
    [
      "id",
      "name",
      "enabled",
      "createdAtMs",
      "updatedAtMs",
      "schedule",
      "payload",
      "sessionTarget",
      "wakeMode",
      "state",
    ].sort(),
  );
});

test.each([
  [
    { payload: { ...turn, deliver: true, channel: "telegram", to: "1" } },
    { deliver: true, channel: "telegram", to: "1" },
    undefined,
  ],
  [
    { delivery: { mode: "announce", channel: "discord", to: "2" } },
    { deliver: true, channel: "discord", to: "2" },
    undefined,
  ],
  [{ delivery: { mode: "none" } }, {}, undefined],
  [{ payload: { ...turn, channel: "last" } }, {}, undefined],
  [{ delivery: { mode: "announce", channel: "last" } }, {}, "to the last chat"],
  [{ delivery: { mode: "announce", channel: "whatsapp", to: "+1" } }, {}, "over whatsapp"],
  [{ delivery: { mode: "announce", channel: "telegram" } }, {}, "over telegram"],
  [{ delivery: { mode: "webhook", to: "https://evil.example" } }, {}, "to a web address"],
])("where replies go: %j", (fields, expected, note) => {
  const { job, told } = read(fields);
  const payload: Record<string, unknown> = job === undefined ? {} : { ...job.payload };
  const { kind: _kind, message: _message, ...delivery } = payload;
  expect(delivery).toEqual(expected);
  expect(told).toEqual(note === undefined ? [] : [expect.stringContaining(note)]);
});

test("a job is the same each time it is read, so that it comes once", () => {
  const one = readJob(
    { id: "j", name: "Job", schedule: every, payload: turn, state: { lastRunAtMs: 1 } },
    context,
  );
  const later = { ...context, nowMs: nowMs + 1000 };
  expect(
    readJob({ id: "j", name: "Job", schedule: every, payload: turn, state: { lastRunAtMs: 2 } }, later),
  ).toEqual(one);
});

test("a job without an id is told, and one of an agent of its own keeps it", () => {
  expect(read({ id: "" }).told).toEqual(["corrupt: The job has no id."]);
  expect(read({ agentId: "ops" }).job?.["agentId"]).toBe("ops");
  expect(read({ agentId: "main" }).job?.["agentId"]).toBeUndefined();
});
