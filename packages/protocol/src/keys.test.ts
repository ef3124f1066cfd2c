import { expect, test } from "bun:test";
import { hintedSessionKey } from "./keys.ts";

const main: string = "sid_1d9d385a32811be47a5bc4aa8666d33d90c643d6517868cb053c89a9288f323a";

test("a session hint becomes the hash of its contract", () => {
  expect<string>(hintedSessionKey("main")).toBe(main);
  expect<string>(hintedSessionKey(" main ")).toBe(main);
});

test("a hint that is a hashed key stays one", () => {
  expect<string>(hintedSessionKey(main.toUpperCase().replace("SID", "sid"))).toBe(main);
  expect<string>(hintedSessionKey(main)).toBe(main);
});
