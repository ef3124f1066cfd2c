import { expect, test } from "bun:test";
import { fromNow, lengthText, utcTime } from "./times.ts";

test.each([
  [0, "now"],
  [499, "now"],
  [5000, "in 5 s"],
  [90_000, "in 2 min"],
  [-7_200_000, "2 h ago"],
  [3 * 86_400_000, "in 3 d"],
])("%p ms from now is %p", (gap, words) => {
  expect(fromNow(1_000_000_000_000 + gap, 1_000_000_000_000)).toBe(words);
});

test.each([
  [90_000, "90 s"],
  [5_400_000, "90 min"],
  [7_200_000, "2 h"],
  [1500, "1500 ms"],
])("%p ms are %p", (ms, words) => expect(lengthText(ms)).toBe(words));

test("a number that is no time is told as none", () => {
  expect(utcTime(Date.UTC(2026, 10, 22, 9, 5))).toBe("2026-11-22 09:05:00");
  expect(utcTime(9e15)).toBeUndefined();
});
