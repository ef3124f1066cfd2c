import { expect, test } from "bun:test";
import type { Schedule } from "@carapace/protocol";
import { createCalendar } from "./calendar.ts";
import { readExpression } from "./expression.ts";
import { jitterOf } from "./jitter.ts";

const calendar = createCalendar();
const cron = (expr: string, tz?: string, dayMatch?: "and" | "or"): Schedule => ({
  ...{ kind: "cron", expr },
  ...(tz !== undefined && { tz }),
  ...(dayMatch !== undefined && { dayMatch }),
});

async function times(schedule: Schedule, after: string, count: number): Promise<string[]> {
  const found: string[] = [];
  let at: number | undefined = Date.parse(after);
  while (at !== undefined && found.length < count) {
    at = await calendar.next(schedule, at);
    if (at !== undefined) found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
}

test.each([
  // The last Sunday of March 2026: 02:00 becomes 03:00, so 02:30 does not come.
  ["30 2 * * *", "Europe/Berlin", "2026-03-27T12:00Z", ["2026-03-28T01:30", "2026-03-30T00:30"]],
  ["0 3 * * *", "Europe/Berlin", "2026-03-28T12:00Z", ["2026-03-29T01:00", "2026-03-30T01:00"]],
  // The last Sunday of October: 03:00 becomes 02:00, and 02:30 comes twice but counts once.
  ["30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", ["2026-10-25T00:30", "2026-10-26T01:30"]],
  // Asked between the two: today's was the first.
  ["30 2 * * *", "Europe/Berlin", "2026-10-25T01:00Z", ["2026-10-26T01:30"]],
  [
    "*/30 2 * * *",
    "Europe/Berlin",
    "2026-10-24T23:59Z",
    ["2026-10-25T00:00", "2026-10-25T00:30", "2026-10-26T01:00"],
  ],
  ["30 2 * * *", "America/New_York", "2026-03-07T12:00Z", ["2026-03-09T06:30"]],
  ["30 1 * * *", "America/New_York", "2026-10-31T12:00Z", ["2026-11-01T05:30", "2026-11-02T06:30"]],
  // Half an hour: 02:00 becomes 02:30 in October, and 02:00 becomes 01:30 in April.
  ["15 2 * * *", "Australia/Lord_Howe", "2026-10-02T20:00Z", ["2026-10-04T15:15"]],
  ["30 2 * * *", "Australia/Lord_Howe", "2026-10-02T20:00Z", ["2026-10-03T15:30", "2026-10-04T15:30"]],
  ["45 1 * * *", "Australia/Lord_Howe", "2026-04-03T20:00Z", ["2026-04-04T14:45", "2026-04-05T15:15"]],
  ["0 9 * * *", "Asia/Kathmandu", "2026-11-22T00:00Z", ["2026-11-22T03:15", "2026-11-23T03:15"]],
  ["0 9 * * *", undefined, "2026-11-22T00:00Z", ["2026-11-22T09:00"]],
])("%s in %s after %s is due at %j", async (expr, tz, after, expected) => {
  expect(await times(cron(expr, tz), after, expected.length)).toEqual(expected);
});

test("day of month and day of week must both match, or either where the job says so", async () => {
  const friday13th = ["2026-11-13T00:00", "2027-08-13T00:00"];
  expect(await times(cron("0 0 13 * 5"), "2026-11-01T00:00Z", 2)).toEqual(friday13th);
  expect(await times(cron("0 0 13 * 5", "UTC", "or"), "2026-11-01T00:00Z", 3)).toEqual([
    ...["2026-11-06T00:00", "2026-11-13T00:00", "2026-11-20T00:00"],
  ]);
});

test.each([
  ["@hourly", "0 * * * *"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@weekly", "0 0 * * 0"],
  ["@monthly", "0 0 1 * *"],
  ["@yearly", "0 0 1 1 *"],
  ["@Annually", "0 0 1 1 *"],
  ["0 9 * * MON-FRI", "0 9 * * 1-5"],
  [" 0  9 1 jan,jul * ", "0 9 1 1,7 *"],
  ["*/64 07 1-31/02 * 7", "*/64 7 1-31/2 * 7"],
])("%s is stored as %s", (text, stored) => {
  expect(readExpression(text)).toEqual({ ok: true, value: stored });
});

test.each([
  ...["@reboot", "@often", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *"],
  ...["* * * * 8", "*/0 * * * *", "*/65 * * * *", "5-1 * * * *", "a * * * *", "1,,2 * * * *", "* * L * *"],
  ...[
    "* * 15W * *",
    "* * * * 5#2",
    "? * * * *",
    "mon * * * *",
    "1-2-3 * * * *",
    "-1 * * * *",
    "",
    "*/5/2 * * * *",
  ],
  ...["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 29 2 1"],
])("%p is refused", async (expr) => {
  const checked = await calendar.check(cron(expr), Date.parse("2026-11-22T00:00Z"));
  expect(checked).toMatchObject({ ok: false, code: "invalid_request" });
  expect(checked.ok ? "" : checked.say).toStartWith("invalid cron expression: ");
});

test("a zone that is none is refused, and one that is kept", async () => {
  expect(await calendar.check(cron("0 9 * * *", "Europe/Atlantis"), 0)).toMatchObject({
    ok: false,
    say: "invalid IANA timezone 'Europe/Atlantis'",
  });
  expect((await calendar.check(cron("0 9 * * *", "Asia/Kathmandu"), 0)).ok).toBe(true);
});

test("an interval counts from its anchor, which is set when there is none", async () => {
  expect(await calendar.check({ kind: "every", everyMs: 10 }, 7)).toMatchObject({ value: { anchorMs: 7 } });
  const every = { kind: "every", everyMs: 2000, anchorMs: 7 } as const;
  const next = await Promise.all([-3, 6, 7, 2006, 2007, 1_000_000].map((at) => calendar.next(every, at)));
  expect(next).toEqual([7, 7, 2007, 2007, 4007, 1_000_007]);
});

test("a single time is due once", async () => {
  expect(await calendar.next({ kind: "at", atMs: 5 }, 4)).toBe(5);
  expect(await calendar.next({ kind: "at", atMs: 5 }, 5)).toBeUndefined();
});

test("jitter is the same for the same job and time, and stays within its bound", () => {
  const all = Array.from({ length: 200 }, (_, index) => jitterOf("job", index, 1000));
  expect(all).toEqual(Array.from({ length: 200 }, (_, index) => jitterOf("job", index, 1000)));
  expect(Math.max(...all)).toBeLessThanOrEqual(1000);
  expect(new Set(all).size).toBeGreaterThan(100);
  expect(jitterOf("job", 1, undefined)).toBe(0);
});

interface Walk {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly either: boolean;
}

/** What a clock on the wall shows, minute by minute, says when a job is due: without library and shortcuts. */
function* walk(expr: string, zone: string, { fromMs, untilMs, either }: Walk): Generator<number> {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = expr.split(" ");
  const format = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone: zone, hourCycle: "h23", weekday: "short", year: "numeric" },
    ...{ month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" },
  });
  const seen = new Set<string>();
  const show = (at: number) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const week = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].indexOf(parts["weekday"] ?? "");
    return { ...parts, week, key: JSON.stringify(parts) } as unknown as Record<string, string>;
  };
  // What the clock showed already before does not count again.
  for (let at = fromMs - 3 * 3_600_000; at <= fromMs; at += 60_000) seen.add(show(at)["key"] ?? "");
  for (let at = fromMs + 60_000; at <= untilMs; at += 60_000) {
    const shown = show(at);
    const isNew = !seen.has(shown["key"] ?? "");
    seen.add(shown["key"] ?? "");
    const dayFits = fits(day, Number(shown["day"]), 1, 31);
    const weekFits =
      fits(weekday, Number(shown["week"]), 0, 6) || fits(weekday, Number(shown["week"]) + 7, 0, 7, true);
    const both = either && day !== "*" && weekday !== "*" ? dayFits || weekFits : dayFits && weekFits;
    const clock = fits(minute, Number(shown["minute"]), 0, 59) && fits(hour, Number(shown["hour"]), 0, 23);
    if (isNew && clock && both && fits(month, Number(shown["month"]), 1, 12)) yield at;
  }
}

function fits(part: string, value: number, min: number, max: number, explicit = false): boolean {
  return part.split(",").some((item) => {
    const [range = "", step = "1"] = item.split("/");
    if (range === "*" && explicit) return false;
    const [from = min, to] = range === "*" ? [min, max] : range.split("-").map(Number);
    const last = to ?? (item.includes("/") ? (explicit ? 6 : max) : from);
    return value >= from && value <= last && (value - from) % Number(step) === 0;
  });
}

function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("any expression in any zone is due when a clock walked minute by minute says so", async () => {
  const pick = seeded(20_261_122);
  const zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"];
  // Just before the changes of these zones, and some other day.
  const starts = [
    "2026-03-28T20:00Z",
    "2026-10-24T20:00Z",
    "2026-03-07T22:00Z",
    "2026-10-31T22:00Z",
    "2026-04-04T10:00Z",
    "2026-10-03T10:00Z",
    "2028-02-28T12:00Z",
  ];
  const part = (min: number, max: number) => {
    const low = min + pick(max - min + 1);
    const high = low + pick(max - low + 1);
    const step = 1 + pick(64);
    return (
      [
        "*",
        `${low}`,
        `${low}-${high}`,
        `*/${step}`,
        `${low}/${step}`,
        `${low}-${high}/${step}`,
        `${low},${high}`,
      ][pick(7)] ?? "*"
    );
  };
  for (let round = 0; round < 120; round += 1) {
    const wide = pick(2) === 0;
    const expr = [
      part(0, 59),
      wide ? part(0, 4) : part(0, 23),
      pick(3) ? "*" : part(1, 31),
      "*",
      pick(3) ? "*" : part(0, 7),
    ].join(" ");
    const zone = zones[pick(zones.length)] ?? "UTC";
    const from = Date.parse(starts[pick(starts.length)] ?? "");
    const either = pick(2) === 0;
    const untilMs = from + 16 * 3_600_000;
    const expected = [...walk(expr, zone, { fromMs: from, untilMs, either })];
    const found: number[] = [];
    let at: number | undefined = from;
    while (at !== undefined && at <= untilMs) {
      at = await calendar.next(cron(expr, zone, either ? "or" : "and"), at);
      if (at !== undefined && at <= untilMs) found.push(at);
    }
    expect([expr, zone, new Date(from).toISOString(), either, found]).toEqual([
      ...[expr, zone, new Date(from).toISOString(), either, expected],
    ]);
  }
}, 20_000);
