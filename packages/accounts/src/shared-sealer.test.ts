import { expect, test } from "bun:test";
import { sharedSealer } from "./shared-sealer.ts";

test("who borrows it one after the other shares the keys, and giving it back twice takes it from nobody", async () => {
  const borrow = sharedSealer("words");
  const first = borrow();
  const sealed = await first.seal("secret");
  const second = borrow();
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(await second.open(sealed)).toMatchObject({ value: "secret" });
  second[Symbol.dispose]();
  using third = borrow();
  expect(await third.open(sealed)).toMatchObject({ value: "secret" });
  expect(third.derivations).toBe(1);
});
