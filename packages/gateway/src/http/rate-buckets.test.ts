import { expect, test } from "bun:test";
import { callerKey, createRateBuckets } from "./rate-buckets.ts";

const rate = { perSecond: 2, burst: 3 };

test("a burst is let through, one more is not, and time earns it back", () => {
  const buckets = createRateBuckets();
  const take = (nowMs: number) => buckets.take("a", rate, nowMs);
  expect([take(0), take(0), take(0)].map(({ remaining }) => remaining)).toEqual([2, 1, 0]);
  expect(take(0)).toEqual({ isAllowed: false, remaining: 0, resetSeconds: 1 });
  expect(take(499).isAllowed).toBe(false);
  expect(take(500)).toEqual({ isAllowed: true, remaining: 0, resetSeconds: 2 });
  expect(take(3_600_000).remaining).toBe(2);
});

test("each name has a bucket of its own", () => {
  const buckets = createRateBuckets();
  for (let count = 0; count < 3; count += 1) buckets.take("a", rate, 0);
  expect(buckets.take("a", rate, 0).isAllowed).toBe(false);
  expect(buckets.take("b", rate, 0).isAllowed).toBe(true);
});

test("a clock that is set back takes nothing away", () => {
  const buckets = createRateBuckets();
  buckets.take("a", rate, 10_000);
  expect(buckets.take("a", rate, 0).remaining).toBe(1);
});

test("who stays away is forgotten, and there is an end to their number", () => {
  const buckets = createRateBuckets(100);
  for (let caller = 0; caller < 1000; caller += 1) buckets.take(`caller ${caller}`, rate, 0);
  expect(buckets.size).toBe(100);
  buckets.take("late", rate, 700_000);
  expect(buckets.size).toBe(1);
});

test("addresses of one IPv6 network are one caller", () => {
  const keys = ["2001:db8:0:1::1", "2001:DB8::1:0:0:0:2", "2001:0db8:0:0001:ffff:ffff:ffff:ffff"].map(
    callerKey,
  );
  expect(new Set(keys)).toEqual(new Set(["2001:db8:0:1::/64"]));
  expect(callerKey("2001:db8:0:2::1")).toBe("2001:db8:0:2::/64");
  expect(callerKey("::1")).toBe("0:0:0:0::/64");
  expect(callerKey("64:ff9b::1.2.3.4")).toBe("64:ff9b:0:0::/64");
  expect(callerKey("192.0.2.1")).toBe("192.0.2.1");
  expect(callerKey("")).toBe("");
});
