import { expect, test } from "bun:test";
import { hintedSessionKey, RunId, SessionKey } from "./keys.ts";

const main: string = "sid_1d9d385a32811be47a5bc4aa8666d33d90c643d6517868cb053c89a9288f323a";

test("a session hint becomes the hash of its contract", () => {
  expect<string>(hintedSessionKey("main")).toBe(main);
  expect<string>(hintedSessionKey(" main ")).toBe(main);
});

test("a hint that is a hashed key stays one", () => {
  expect<string>(hintedSessionKey(main.toUpperCase().replace("SID", "sid"))).toBe(main);
  expect<string>(hintedSessionKey(main)).toBe(main);
});

test("half a surrogate pair is in no name", () => {
  for (const name of ["\ud800", "a\udfffb", "\udc00\ud800"]) {
    expect(SessionKey.safeParse(name).success).toBe(false);
    expect(RunId.safeParse(name).success).toBe(false);
  }
  expect(SessionKey.safeParse("\ud83d\ude00").success).toBe(true);
});
