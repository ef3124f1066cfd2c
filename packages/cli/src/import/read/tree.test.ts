import { expect, test } from "bun:test";
import { parseTree } from "./parse.ts";
import { entriesAt, valueAt } from "./tree.ts";

const parsed = (text: string, format: "json" | "yaml" = "json") => {
  const result = parseTree(text, format);
  if (!result.ok) throw new Error(result.say);
  return result.value;
};
const refusal = (text: string, format: "json" | "yaml" = "json") => {
  const result = parseTree(text, format);
  return result.ok ? undefined : result.say;
};

test("JSON is read with comments, final commas, a byte order mark and either line end", () => {
  const { tree } = parsed('\uFEFF// c\r\n{ "a": [1, "x",], b: {"c": true,}, /* d */ }\r\n');
  expect(tree).toEqual({ a: [1, "x"], b: { c: true } });
  expect([valueAt(tree, "b", "c"), valueAt(tree, "b", "none", "x"), valueAt(tree, "a", "0")]).toEqual([
    true,
    undefined,
    undefined,
  ]);
});

test("YAML is read as data, and tags make nothing", () => {
  expect(parsed("a: !!js/function 'x'\r\nb:\r\n- c=d\r\n", "yaml").tree).toEqual({ a: "x", b: ["c=d"] });
  expect(parsed("# nothing\n", "yaml").tree).toEqual({});
});

test("of a name that stands twice the last one counts", () => {
  expect(parsed('{"a": 1, "a": 2}').tree).toEqual({ a: 2 });
  expect(parsed("a: 1\na: 2", "yaml").tree).toEqual({ a: 2 });
});

test.each(["json", "yaml"] as const)(
  "names that mean something to an object are left out of %s",
  (format) => {
    const text =
      '{"__proto__": {"x": 1}, "a": {"constructor": {"prototype": {"x": 1}}, "prototype": 1, "b": 2}}';
    const { tree, dropped } = parsed(text, format);
    expect(dropped).toEqual(["__proto__", "a.constructor", "a.prototype"]);
    expect(tree).toEqual({ a: { b: 2 } });
    expect([valueAt(tree, "x"), valueAt(tree, "toString"), valueAt({}, "x")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(entriesAt(tree, "__proto__")).toEqual([]);
  },
);

test.each([
  ["[".repeat(100_000), "json"],
  [`${"[".repeat(40)}${"]".repeat(40)}`, "json"],
  [`{"a":${'{"a":'.repeat(40)}1${"}".repeat(41)}`, "json"],
  ["- ".repeat(100_000), "yaml"],
  ["a: &a [*a]", "yaml"],
  [`a: ${"[".repeat(100_000)}`, "yaml"],
] as const)("what is nested too deep is refused (%#)", (text, format) => {
  expect(refusal(text, format)).toMatch(
    /^is nested (too deep|deeper than 32 levels)$|^does not hold an object$/,
  );
});

test("a text with more values than a person writes is refused", () => {
  expect(refusal(JSON.stringify({ a: Array.from({ length: 100_001 }, () => 0) }))).toBe(
    "holds more than 100000 values",
  );
});

test("aliases that grow without end are refused", () => {
  const levels = Array.from({ length: 9 }, (_, at) => `l${at + 1}: &l${at + 1} [${`*l${at},`.repeat(9)}]`);
  expect(refusal(["l0: &l0 [x]", ...levels].join("\n"), "yaml")).toBeDefined();
});

test.each([
  ["", "json"],
  ["{", "json"],
  ["a: b: c:", "json"],
  ["a: [", "yaml"],
  ["'a", "yaml"],
] as const)("%p is no %s, and is not quoted", (text, format) => {
  expect(refusal(text, format)).toBe(`is not valid ${format.toUpperCase()}`);
});

test.each(["[]", "1", '"sk-secret"', "null"])("%p holds no object", (text) => {
  expect(refusal(text)).toBe("does not hold an object");
});
