import { expect, test } from "bun:test";
import { positionOfFault, positionsOf } from "./locate.ts";
import { parseJson5 } from "./parse.ts";

test("the whole of JSON5 is read", () => {
  const text =
    "\uFEFF// c\n{a: 1, 'b': +.5, \"c\": 0x1F, d: [1, 2,], /* x */ e: 'l\\\nm', f: -Infinity, g: NaN,}";
  expect(parseJson5(text)).toEqual({
    ok: true,
    value: { a: 1, b: 0.5, c: 31, d: [1, 2], e: "lm", f: null, g: null },
  });
});

test.each(["", "{a:1 b:2}", "{a:01}", "{a}", "{a:1,,}", "undefined", "{a:'\\u12'}", "{} {}"])(
  "%p is refused",
  (text) => {
    expect(parseJson5(text).ok).toBe(false);
  },
);

test.each(["", " \n", "\uFEFF"])("a text without anything in it says what to write: %p", (text) => {
  expect(parseJson5(text)).toMatchObject({
    ok: false,
    fault: { say: "the text is empty; write {} for no settings" },
  });
});

test("the key __proto__ is refused at every level, and pollutes nothing", async () => {
  const text = '{\n  a: [{"__proto__": {polluted: true}}]\n}';
  const parsed = parseJson5(text);
  expect(parsed).toMatchObject({ ok: false, fault: { say: expect.stringContaining("__proto__") } });
  expect(await positionOfFault(text, undefined)).toEqual({ line: 2, column: 8 });
  expect("polluted" in {}).toBe(false);
});

test("a fault's line and column are those an editor shows", async () => {
  expect(await positionOfFault("{\n  a: 1\n  b: 2\n}", undefined)).toEqual({ line: 3, column: 3 });
  expect(await positionOfFault("{\r\n\r\n [", 6)).toEqual({ line: 3, column: 2 });
  expect(await positionOfFault("", undefined)).toEqual({ line: 1, column: 1 });
});

test("a value is found at its key, an entry of a list at its start, a missing one at its container", async () => {
  const text = "{\n  a: {b: [10, {c: 1}]},\n  a: {b: [20]},\n}";
  const positions = await positionsOf(text, [["a", "b", 0], ["a", "x"], ["nothing"], []]);
  expect(positions).toEqual([
    { line: 3, column: 11 },
    { line: 3, column: 3 },
    { line: 1, column: 1 },
    { line: 1, column: 1 },
  ]);
});
