import { expect, test } from "bun:test";
import { endsWithin, wait } from "./wait.ts";

const never = new Promise<never>(() => undefined);

test("a wait ends early with its signal, and at once if it fired before", async () => {
  const caller = new AbortController();
  const waiting = wait(60_000, caller.signal);
  caller.abort();
  await waiting;
  await wait(60_000, caller.signal);
});

test("a task that ends in time is told from one that does not", async () => {
  expect(await endsWithin(60_000, Promise.resolve())).toBe(true);
  expect(await endsWithin(1, never)).toBe(false);
  expect(await endsWithin(60_000, never, AbortSignal.abort())).toBe(false);
});

test("a task's fault is its caller's", async () => {
  expect(endsWithin(60_000, Promise.reject(new Error("boom")))).rejects.toThrow("boom");
});
