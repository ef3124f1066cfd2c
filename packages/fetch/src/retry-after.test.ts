import { expect, test } from "bun:test";
import { readRetryAfter } from "./retry-after.ts";

const nowMs = Date.UTC(2026, 10, 22, 12, 0, 0);

test.each([
  ["120", 120_000],
  [" 0 ", 0],
  ["1.5", 1500],
  ["99999999", 99_999_999_000],
  ["Sun, 22 Nov 2026 12:00:30 GMT", 30_000],
  ["Sunday, 22-Nov-26 12:00:30 GMT", 30_000],
  ["Sun Nov 22 12:00:30 2026", 30_000],
  ["Tue Nov  3 12:00:30 2026", 0],
  ["Sun, 06 Nov 1994 08:49:37 GMT", 0],
  ["Sunday, 06-Nov-94 08:49:37 GMT", 0],
  ["Sun, 22 Nov 2027 12:00:30 GMT", 31_536_030_000],
])("%p is a wait of %i ms", (header, expected) => {
  expect(readRetryAfter(header, nowMs)).toBe(expected);
});

test.each([
  "",
  "soon",
  "-5",
  "1.5.5",
  "5s",
  "2026-11-22T12:00:30Z",
  "Sun, 22 Nov 2026 12:00:30 CET",
  "1".repeat(16),
])("%p is none", (header) => {
  expect(readRetryAfter(header, nowMs)).toBeUndefined();
});
