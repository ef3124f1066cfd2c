import { expect, test } from "bun:test";
import { RateBucket } from "./rate-bucket.ts";

const limits = { messageRate: 60, messageBurst: 120, rateLimitStrikes: 3 };

test("a burst of 120 passes, two more are refused, the third refusal in a row closes", () => {
  const bucket = new RateBucket(limits, 0);
  const tolls = Array.from({ length: 123 }, () => bucket.take(0));
  expect(new Set(tolls.slice(0, 120))).toEqual(new Set(["pass"]));
  expect(tolls.slice(120)).toEqual(["refuse", "refuse", "close"]);
});

test("an accepted request wipes the strikes", () => {
  const bucket = new RateBucket({ ...limits, messageBurst: 1 }, 0);
  expect([0, 0, 0, 20, 20, 20].map((nowMs) => bucket.take(nowMs))).toEqual([
    "pass",
    "refuse",
    "refuse",
    "pass",
    "refuse",
    "refuse",
  ]);
});

test("a clock that jumps back gives nothing away", () => {
  const bucket = new RateBucket({ ...limits, messageBurst: 1 }, 10_000);
  expect(bucket.take(10_000)).toBe("pass");
  expect(bucket.take(0)).toBe("refuse");
  expect(bucket.take(17)).toBe("pass");
});
