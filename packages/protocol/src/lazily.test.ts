import { expect, test } from "bun:test";
import { lazily } from "./lazily.ts";

test("a property is made when it is first read, and once", () => {
  let made = 0;
  const lazy = Object(lazily({ a: 1 }, { b: () => ({ number: ++made }) }));
  expect([lazy.a, made]).toEqual([1, 0]);
  expect([lazy.b, lazy.b, made]).toEqual([{ number: 1 }, { number: 1 }, 1]);
});
