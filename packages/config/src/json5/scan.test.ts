import { expect, test } from "bun:test";
import { maxDepth, parseJson5 } from "./parse.ts";
import { scanBrackets } from "./scan.ts";

test.each([
  ["{", 0, "never closed"],
  ["[1, [2]", 0, "never closed"],
  ["}", 0, "closes nothing"],
  ["{]", 1, "found ] where } is needed"],
  ['{a: "x\n}', 4, "string is not closed"],
  ["{a: 'x", 4, "string is not closed"],
  ["{} /* x", 3, "comment is not closed"],
])("%p is refused at its offset", (text, offset, say) => {
  const fault = scanBrackets(text, 10);
  expect(fault?.offset).toBe(offset);
  expect(fault?.say).toContain(say);
});

test.each(['{a: \'}\', b: "]\\""} // {', "/* [ */ {}", "{a: 'x\\\r\ny'}", "{a: 'x\\\ny'}", "'\u2028'"])(
  "%p has nothing open",
  (text) => {
    expect(scanBrackets(text, 10)).toBeUndefined();
  },
);

test("nesting is accepted up to the cap and refused above it, however deep", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  expect(parseJson5(nested(maxDepth)).ok).toBe(true);
  for (const depth of [maxDepth + 1, 100_000, 2_000_000]) {
    expect(parseJson5(nested(depth))).toMatchObject({ ok: false, fault: { offset: maxDepth } });
    expect(parseJson5('{"a":'.repeat(depth))).toMatchObject({ ok: false });
  }
});
