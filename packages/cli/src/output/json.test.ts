import { expect, test } from "bun:test";
import { compactJson, prettyJson } from "./json.ts";

test("keys come sorted at every level, with two spaces", () => {
  expect(prettyJson({ b: 1, a: { d: [{ z: 1, y: 2 }], c: null } })).toBe(
    '{\n  "a": {\n    "c": null,\n    "d": [\n      {\n        "y": 2,\n        "z": 1\n      }\n    ]\n  },\n  "b": 1\n}',
  );
});

test("compact JSON is one line", () => {
  expect(compactJson({ b: 1, a: "x" })).toBe('{"a":"x","b":1}');
  expect(compactJson(undefined)).toBe("null");
});

test("a key named __proto__ is only a key", () => {
  expect(compactJson(JSON.parse('{"__proto__":{"x":1}}'))).toBe('{"__proto__":{"x":1}}');
});
