import { expect, test } from "bun:test";
import { retryAfterMs } from "./retry-after.ts";

const nowMs = Date.UTC(2026, 10, 22, 12, 0, 0);

test.each([
  [{ "retry-after": "3" }, 3000],
  [{ "retry-after": "1.5" }, 1500],
  [{ "retry-after": "Sun, 22 Nov 2026 12:01:00 GMT" }, 60_000],
  [{ "retry-after": "Sun, 22 Nov 2026 11:00:00 GMT" }, 0],
  [{ "retry-after-ms": "250", "retry-after": "3" }, 250],
  [{ "retry-after": "-1" }, undefined],
  [{ "retry-after": "2026" }, 2_026_000],
  [{ "retry-after": "soon" }, undefined],
  [{ "retry-after": "99999999999999999999" }, undefined],
  [{}, undefined],
])("a wish of kind %# is read", (headers, expected) => {
  expect(retryAfterMs(headers, nowMs)).toBe(expected);
});
