import { expect, test } from "bun:test";
import type { JobWords } from "./options.ts";
import { readJobWords } from "./read-job.ts";
import { readDuration, readMoment } from "./read-time.ts";

const nowMs = Date.parse("2026-11-22T12:00:00Z");

function read(words: Partial<JobWords>, payload?: Record<string, unknown>) {
  const nothing = { eitherDay: false, bestEffort: false } as JobWords;
  const given = readJobWords({ ...nothing, ...words }, { nowMs, ...(payload && { payload }) });
  return given.ok ? given.value : given.say;
}

test.each([
  ["90s", 90_000],
  ["30m", 1_800_000],
  ["1h30m", 5_400_000],
  ["1 d", 86_400_000],
  ["2w", 1_209_600_000],
  ["0s", undefined],
  ["5", undefined],
  ["-5m", undefined],
  ["5m later", undefined],
])("the length %s is %p ms", (text, ms) => {
  expect(readDuration(text)).toBe(ms);
});

test.each([
  ["2026-12-01 09:00", "Europe/Berlin", "2026-12-01T08:00:00.000Z"],
  ["2026-12-01T9:00", "Asia/Kathmandu", "2026-12-01T03:15:00.000Z"],
  ["2026-12-01", "UTC", "2026-12-01T00:00:00.000Z"],
  ["2026-12-01 09:00:30Z", "Europe/Berlin", "2026-12-01T09:00:30.000Z"],
  ["2026-12-01 09:00+02:00", undefined, "2026-12-01T07:00:00.000Z"],
  ["in 20m", undefined, "2026-11-22T12:20:00.000Z"],
  // The clock does not show this on that day, and this twice.
  ["2026-03-29 02:30", "Europe/Berlin", undefined],
  ["2026-10-25 02:30", "Europe/Berlin", "2026-10-25T00:30:00.000Z"],
  ["2026-13-01 09:00", "UTC", undefined],
  ["2026-12-01 25:00", "UTC", undefined],
  ["tomorrow", "UTC", undefined],
  ["2026-12-01 09:00", "Mars/Base", undefined],
])("%s in %s is %s", (text, zone, iso) => {
  const at = readMoment(text, { nowMs, zone });
  expect(at === undefined ? undefined : new Date(at).toISOString()).toBe(iso);
});

test("a job is read with all that was typed", () => {
  expect(
    read({
      ...{ cron: "0 9 * * 1-5", tz: "Europe/Berlin", eitherDay: true, jitter: "5m", message: "look" },
      ...{ deliver: "Telegram: 12:3", bestEffort: true, timeout: 60, missed: "once", grace: "2h" },
      ...{ maxRuns: 6, maxCost: "0.5", alert: "telegram:9", alertAfter: 3, session: "isolated" },
    }),
  ).toEqual({
    schedule: { kind: "cron", expr: "0 9 * * 1-5", tz: "Europe/Berlin", dayMatch: "or", jitterMs: 300_000 },
    payload: {
      ...{ kind: "agentTurn", message: "look", timeoutSeconds: 60 },
      ...{ deliver: true, channel: "telegram", to: "12:3", bestEffortDeliver: true },
    },
    ...{ missed: "once", graceMs: 7_200_000, sessionTarget: "isolated" },
    budget: { maxRunsPerDay: 6, maxCostUsdPerDay: 0.5 },
    alert: { channel: "telegram", to: "9", after: 3 },
  });
  expect(read({ alert: "heartbeat" })).toEqual({ alert: {} });
  expect(read({})).toEqual({});
});

test("a change keeps what its payload has beside it", () => {
  const payload = { kind: "agentTurn", message: "look", model: "a:b" };
  expect(read({ deliver: "telegram:1" }, payload)).toMatchObject({
    payload: { ...payload, deliver: true, channel: "telegram", to: "1" },
  });
  expect(read({ message: "more" }, payload)).toMatchObject({ payload: { ...payload, message: "more" } });
  expect(read({ event: "tea" }, payload)).toEqual({ payload: { kind: "systemEvent", text: "tea" } });
});

test.each([
  [{ at: "in 5m", every: "5m" }, "--at, --every and --cron exclude each other"],
  [{ tz: "UTC" }, "--tz, --either-day and --jitter go with"],
  [{ every: "2h", tz: "UTC", message: "a" }, "--tz goes with --at or --cron"],
  [
    { at: "2026-12-01 09:00", tz: "Mars/Olympus", message: "a" },
    '--tz: there is no time zone "Mars/Olympus"',
  ],
  [{ every: "2h", eitherDay: true, message: "a" }, "--either-day goes with --cron"],
  [{ at: "someday" }, "--at must be a time like"],
  [{ at: "2020-01-01 09:00" }, "--at has passed"],
  [{ every: "often" }, "--every: a length of time is written like"],
  [{ every: "5m", jitter: "x" }, "--jitter: a length of time is written like"],
  [{ grace: "x" }, "--grace: a length of time is written like"],
  [{ message: "a", event: "b" }, "--message and --event exclude each other"],
  [{ event: "b", model: "a:b" }, "--event only takes"],
  [{ model: "a:b" }, "these options go with --message"],
  [{ message: "a", deliver: "telegram" }, "--deliver must say channel and recipient"],
  [{ message: "a", bestEffort: true }, "--best-effort goes with --deliver"],
  [{ maxCost: "much" }, "--max-cost must be an amount"],
  [{ alert: "nobody" }, "--alert must say channel and recipient"],
] as const)("%j is refused", (words, say) => {
  expect(read(words)).toStartWith(say);
});
