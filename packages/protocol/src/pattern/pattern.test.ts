import { expect, test } from "bun:test";
import fc from "fast-check";
import { compilePattern } from "./pattern.ts";

const offered = [
  "gateway",
  "^gateway$",
  "gate|runs",
  "^(runs|state)$",
  "r.n",
  "r.*s",
  "a+b?c*",
  "(ab)*$",
  "[a-c]+",
  "[^a-c]",
  "[]x]|[-a]".slice(5),
  "\\.\\*",
  "\\d\\w\\s",
  "[\\d_-]x",
  "(?:a|b)+?c",
  "(a*)*b",
  "(|a)b",
  "",
];

test.each(offered.map((text) => [text]))("%p matches what the same regular expression does", (text) => {
  const pattern = compilePattern(text);
  const expected = new RegExp(text, "u");
  const texts = fc.string({ unit: fc.constantFrom(..."abcxruns_-.*1 gatewy"), maxLength: 12 });
  fc.assert(
    fc.property(fc.oneof(texts, fc.constantFrom("gateway", "runs", "state", "")), (candidate) => {
      expect(pattern?.test(candidate)).toBe(expected.test(candidate));
    }),
    { seed: 1, numRuns: 200 },
  );
});

test.each([
  ["an open group", "("],
  ["a closed one", ")"],
  ["an open class", "[a"],
  ["an empty class", "[]"],
  ["a range the wrong way round", "[b-a]"],
  ["nothing to repeat", "*a"],
  ["a repetition repeated", "a**"],
  ["a counted repetition", "a{9}"],
  ["a reference back", "(a)\\1"],
  ["a look-ahead", "(?=a)"],
  ["a word boundary", "\\ba"],
  ["a backslash at the end", "a\\"],
  ["more than 256 characters", "a".repeat(257)],
])("%s is refused", (_what, text) => {
  expect(compilePattern(text)).toBeUndefined();
});

test.each([
  ["(a+)+b"],
  ["^(a|a)*$"],
  ["(.*)*x"],
  [`${"(a?)*".repeat(40)}b`],
  [`${"(".repeat(80)}a*${")*".repeat(80)}b`],
])("%p, made to backtrack for years, answers at once", (text) => {
  const startedAtMs = performance.now();
  expect(compilePattern(text)?.test(`${"a".repeat(200)}!`)).toBe(false);
  expect(performance.now() - startedAtMs).toBeLessThan(500);
});

test("no text makes it throw", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(..."ab()[]^$.*+?|\\-{}") }),
      fc.string(),
      (text, candidate) => {
        compilePattern(text)?.test(candidate);
      },
    ),
    { seed: 1, numRuns: 3000 },
  );
});
