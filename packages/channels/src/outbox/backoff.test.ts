import { expect, test } from "bun:test";
import { defaultBackoff, waitMs } from "./backoff.ts";

test.each([
  [1, 5000],
  [2, 10_000],
  [3, 20_000],
  [10, 2_560_000],
  [11, 3_600_000],
  [5000, 3_600_000],
])("after attempt %i a message waits anything up to %i ms", (attempts, mostMs) => {
  expect(waitMs({ attempts }, 0, defaultBackoff)).toBe(0);
  expect(waitMs({ attempts }, 0.5, defaultBackoff)).toBe(mostMs / 2);
  expect(waitMs({ attempts }, 1, defaultBackoff)).toBe(mostMs);
});

test.each([
  [0, 0],
  [1234, 1234],
  [1e12, 3_600_000],
  [-5, 0],
])("a wait of %i ms that is asked for is %i ms, without chance", (retryAfterMs, expected) => {
  expect(waitMs({ attempts: 9, retryAfterMs }, 0.3, defaultBackoff)).toBe(expected);
});
