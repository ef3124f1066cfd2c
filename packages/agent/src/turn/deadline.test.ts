import { expect, test } from "bun:test";
import { startDeadline } from "./deadline.ts";

test("a deadline longer than a timer can wait is not over at once", async () => {
  using deadline = startDeadline(3_000_000_000, new AbortController().signal);
  // A timer that overflows fires before this one.
  const later = Promise.withResolvers<void>();
  setTimeout(later.resolve, 20);
  await later.promise;
  expect(deadline.isOver()).toBe(false);
  expect(deadline.signal.aborted).toBe(false);
});

test("a deadline fires when its time is over, and says that it was the time", async () => {
  using deadline = startDeadline(1, new AbortController().signal);
  const { promise, resolve } = Promise.withResolvers<void>();
  deadline.signal.addEventListener("abort", () => resolve());
  await promise;
  expect(deadline.isOver()).toBe(true);
});
