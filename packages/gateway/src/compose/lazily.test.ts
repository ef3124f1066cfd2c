import { expect, test } from "bun:test";
import { lazily } from "./lazily.ts";

test("a part is loaded when it is first asked for, once, and closed with the rest", async () => {
  const opened = new AsyncDisposableStack();
  const seen: string[] = [];
  const part = lazily(opened, async () => {
    seen.push("opened");
    return { [Symbol.dispose]: () => void seen.push("closed") };
  });
  expect([seen, part.loaded()]).toEqual([[], undefined]);
  expect(await part.load()).toBe(await part.load());
  await opened.disposeAsync();
  expect(seen).toEqual(["opened", "closed"]);
});

test("a part that nobody asked for is not opened to be closed", async () => {
  const opened = new AsyncDisposableStack();
  lazily(opened, () => Promise.reject(new Error("nobody asked")));
  await opened.disposeAsync();
});

test("a part that could not be opened is opened again by the next who asks", async () => {
  await using opened = new AsyncDisposableStack();
  let tries = 0;
  const part = lazily(opened, async () => {
    tries += 1;
    if (tries === 1) throw new Error("not now");
    return { tries };
  });
  await expect(part.load()).rejects.toThrow("not now");
  expect(await part.load()).toEqual({ tries: 2 });
});
