import { expect, test } from "bun:test";
import { unlessAborted } from "./unless-aborted.ts";

const never = new Promise<string>(() => {});
const gone = () => "gone";

test("work that ends first is the answer, with a signal or without", async () => {
  expect(await unlessAborted(Promise.resolve("done"), undefined, gone)).toBe("done");
  expect(await unlessAborted(Promise.resolve("done"), new AbortController().signal, gone)).toBe("done");
});

test("a signal that fires, or has fired, ends the wait", async () => {
  const caller = new AbortController();
  const waiting = unlessAborted(never, caller.signal, gone);
  caller.abort();
  expect(await waiting).toBe("gone");
  expect(await unlessAborted(never, caller.signal, gone)).toBe("gone");
});

test("work that fails is a failure", async () => {
  await expect(
    unlessAborted(Promise.reject(new Error("no")), new AbortController().signal, gone),
  ).rejects.toThrow("no");
});
