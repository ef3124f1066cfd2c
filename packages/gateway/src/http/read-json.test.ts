import { expect, test } from "bun:test";
import { readJson } from "./read-json.ts";

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

test("JSON is read down to its greatest depth, and no deeper", () => {
  expect(readJson(nested(32))).toMatchObject({ ok: true });
  expect(readJson(nested(33))).toEqual({ ok: false, say: "Invalid JSON: nested deeper than 32 levels" });
  expect(readJson(nested(3), { maxDepth: 2 })).toMatchObject({ ok: false });
  expect(readJson(`{"brackets in a text": "${"[".repeat(99)}"}`)).toMatchObject({ ok: true });
});

test("what is no JSON is refused without repeating it", () => {
  expect(readJson('{"token":"hidden"')).toEqual({ ok: false, say: "Invalid JSON: not JSON" });
  expect(readJson(" ")).toEqual({ ok: false, say: "Invalid JSON: the body is empty" });
});
