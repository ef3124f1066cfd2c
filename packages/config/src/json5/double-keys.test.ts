import { expect, test } from "bun:test";
import { loadConfig } from "../load-config.ts";
import { testFolder } from "../testing/folder.ts";
import { doubleKeys } from "./double-keys.ts";

test.each([
  ["{a: 1, b: {a: 1}, c: [{a: 1}, {a: 2}]}", []],
  ["{a: 1, 'a': 2, \"\\u0061\": 3}", [["a"]]],
  ["{x: [0, {a: 1, b: 2, a: 3}]}", [["x", 1, "a"]]],
  ["{g: {p: 1}, // g: {}\n /* g: 1 */ s: 'g: {', g: {p: 2, p: 3}}", [["g"], ["g", "p"]]],
  ["{a: [1, [2, 3], {b: {c: 1, c: 2}}]}", [["a", 2, "b", "c"]]],
  ["", []],
  ["[1, 2]", []],
])("%s", (text, expected) => {
  expect(doubleKeys(text)).toEqual(expected);
});

test("a section that stands twice in the file is told, where the one that counts stands", async () => {
  const text = "{\n  gateway: {auth: {mode: 'token'}},\n  gateway: {port: 1},\n}";
  using folder = testFolder({ "carapace.json5": text });
  const loaded = await loadConfig({ env: folder.env });
  expect(loaded.ok && loaded.value.issues).toMatchObject([
    { severity: "warning", path: ".gateway", at: { line: 3, column: 3 } },
  ]);
});
