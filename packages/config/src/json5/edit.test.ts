import { expect, test } from "bun:test";
import fc from "fast-check";
import { editsBetween } from "../write/merge-patch.ts";
import { type Edit, editJson5 } from "./edit.ts";

const source = `// my config
{
  // gateway
  gateway: { port: 1, /* keep */ bind: 'loopback', }, // after
  agents: {
    defaults: {
      model: "a:b" // note
    },
  },
  list: [1, 2, 3], // goes with it
  empty: {},
  commented: {
    // only a comment
  }
}
`;

test("comments and layout around an edit stay", () => {
  const edits: Edit[] = [
    { path: ["gateway", "port"], value: 42 },
    { path: ["agents", "defaults", "maxTokens"], value: 100 },
    { path: ["list"], remove: true },
    { path: ["empty", "x"], value: 1 },
    { path: ["commented", "y", "z"], value: true },
    { path: ["added"], value: [1] },
  ];
  expect(editJson5(source, edits)).toBe(`// my config
{
  // gateway
  gateway: { port: 42, /* keep */ bind: 'loopback', }, // after
  agents: {
    defaults: {
      model: "a:b", // note
      maxTokens: 100
    },
  },
  empty: {
    "x": 1
  },
  commented: {
    // only a comment
    "y": {
      "z": true
    }
  },
  added: [
    1
  ]
}
`);
});

test.each([
  ['{"a":1}', { path: ["b"], value: 2 }, '{"a":1, "b": 2}'],
  ["{a:1,}", { path: ["b"], value: 2 }, "{a:1, b: 2,}"],
  ['{"a":1,"b":2}', { path: ["b"], remove: true }, '{"a":1}'],
  ['{\n  "a": 1,\n  "b": 2\n}', { path: ["b"], remove: true }, '{\n  "a": 1\n}'],
  ["{a:1,a:2,b:3}", { path: ["a"], remove: true }, "{b:3}"],
  ["{a:1}", { path: ["a", "b"], value: 2 }, '{a:{\n  "b": 2\n}}'],
  ["{a:1}", { path: ["null"], value: 2 }, '{a:1, "null": 2}'],
  ["{a:1}", { path: ["x", "y"], remove: true }, "{a:1}"],
  ["{a:[1, /* b */ {c: 2}]}", { path: ["a", 1, "c"], value: 3 }, "{a:[1, /* b */ {c: 3}]}"],
  ["{a:[1, // x\n2]}", { path: ["a", 0], value: "y" }, '{a:["y", // x\n2]}'],
  ["{a:[1, 2, 3]}", { path: ["a", 1], remove: true }, "{a:[1, 3]}"],
  ["{a:[1, 2]}", { path: ["a", 1], remove: true }, "{a:[1]}"],
  ["{a:[1, /* x */]}", { path: ["a", 1], value: 2 }, "{a:[1, 2, /* x */]}"],
  ["{a:[]}", { path: ["a", 0], value: 2 }, "{a:[\n  2\n]}"],
  [
    "{\n  a: [\n    1, // one\n    2 // two\n  ]\n}",
    { path: ["a", 2], value: 3 },
    "{\n  a: [\n    1, // one\n    2, // two\n    3\n  ]\n}",
  ],
  [
    "{\n  a: [\n    1, // one\n    2 // two\n  ]\n}",
    { path: ["a", 0], remove: true },
    "{\n  a: [\n    2 // two\n  ]\n}",
  ],
  ["5", { path: ["a"], value: 2 }, '{\n  "a": 2\n}'],
] as [string, Edit, string][])("%p with %j becomes %p", (text, edit, expected) => {
  expect(editJson5(text, [edit])).toBe(expected);
});

test.each([
  ["{a: [1 /* mine */]}", { path: ["a"], value: 5 }],
  ["{a: {/* mine */ b: 1}}", { path: ["a"], value: [] }],
] as [string, Edit][])("%p loses no comment to %j", (text, edit) => {
  expect(() => editJson5(text, [edit])).toThrow("a comment");
});

test("an entry that a list does not have is not made", () => {
  expect(() => editJson5("{a: [1]}", [{ path: ["a", 2], value: 2 }])).toThrow(RangeError);
  expect(() => editJson5("{a: [1]}", [{ path: ["a", 1], remove: true }])).toThrow(RangeError);
});

const tree = fc.dictionary(
  fc.constantFrom("a", "b", "c d", "null", "Infinity", "é", "//"),
  fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom("x", "y", "z-1"), tie("value"), { maxKeys: 3 }),
    ),
  })).value as fc.Arbitrary<never>,
  { maxKeys: 4 },
);

test("edits between any two trees lead from the one to the other, in any layout", () => {
  const layout = fc.constantFrom(undefined, 2, "\t");
  fc.assert(
    fc.property(fc.tuple(tree, tree), layout, fc.boolean(), ([before, after], space, json5) => {
      const text = json5
        ? String(JSON.stringify(before, null, space))
        : String(Bun.JSON5.stringify(before, null, space));
      const edited = editJson5(
        text.replaceAll("null:", '"null":').replaceAll("Infinity:", '"Infinity":'),
        editsBetween(before, after),
      );
      expect(Bun.JSON5.parse(edited)).toEqual(after);
    }),
    { numRuns: 300, seed: 7 },
  );
});
