import { expect, test } from "bun:test";
import {
  addressRule,
  homeserverRule,
  keyRule,
  listOf,
  listRule,
  matrixServerRule,
  matrixUserRule,
  passwordRule,
  portRule,
} from "./rules.ts";

test.each([
  [keyRule("key"), ["sk-1", "a.b:c/d+e="], ["", "two words", "umlaut-ä", "x".repeat(5000)]],
  [passwordRule(10), ["ten letters", "mit umlaut ä"], ["short", "x".repeat(5000)]],
  [
    addressRule(true),
    ["http://box:11434", "https://host/v1"],
    ["box:11434", "ftp://h", "http://u:p@h", "http://h?x=1", "http://h#x", ""],
  ],
  [
    addressRule(false),
    ["https://host/v1", "http://127.0.0.1:1", "http://localhost", "http://[::1]:1"],
    ["http://host", "http://127.0.0.1.evil.example"],
  ],
  [portRule, ["1", "65535"], ["0", "65536", "-1", "1e3", "", "80 80"]],
  [homeserverRule, ["https://m.org", "https://m.org:8448/"], ["https://m.org/x", "http://m.org", "m.org"]],
  [matrixUserRule, ["@a:m.org"], ["a:m.org", "@a", "@a b:m.org", `@${"a".repeat(300)}:m.org`]],
  [matrixServerRule, ["m.org", "[::1]"], ["m.org:8448", "https://m.org", "*.m.org"]],
  [listRule(matrixUserRule), ["", "@a:m.org, @b:m.org", "@a:m.org,"], ["@a:m.org, b"]],
])("rule %#", (rule, good, bad) => {
  for (const text of good) expect({ text, slip: rule(text) }).toEqual({ text, slip: undefined });
  for (const text of bad)
    expect({ text, slip: rule(text) }).toEqual({ text, slip: expect.stringMatching(/[.:]/) });
});

test("a list is read without its blanks and empty places", () => {
  expect(listOf(" a, ,b,")).toEqual(["a", "b"]);
});
