import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import { redactDetail } from "./redact.ts";

test.each([
  ["the key sk-ant-api03-abcdefghij is wrong", "the key [REDACTED] is wrong"],
  ["Incorrect API key provided: sk-proj-****************6789.", "Incorrect API key provided: [REDACTED]."],
  ['{"x-api-key": "abc"}', '{"x-api-key": "[REDACTED]"}'],
  ["see https://user:pw@host.example/path?key=1 now", "see [address] now"],
  ["two\nlines\u202e and \u0000 controls", "two lines and controls"],
  ["a keyboard and a task-list", "a keyboard and a task-list"],
])("a vendor's wording of kind %# is made safe", (text, safe) => {
  expect(redactDetail(text, [])).toBe(safe);
});

test("a key of any shape is cut out where it is known", () => {
  expect(redactDetail("no access for hunter2!", [new Secret("hunter2")])).toBe("no access for [REDACTED]!");
});

test("a key that lies across the cut is gone, not halved", () => {
  const key = new Secret(`k${"9".repeat(40)}`);
  for (let before = 455; before < 505; before += 1) {
    expect(redactDetail(`${"x".repeat(before)} ${key.reveal()}`, [key])).not.toContain("k9");
  }
});

test("a long hostile text is redacted in no time", () => {
  const startedMs = performance.now();
  for (const part of ["sk-", "authorization: ", "a://", "-----BEGIN PRIVATE KEY-----"])
    redactDetail(part.repeat(100_000), []);
  expect(performance.now() - startedMs).toBeLessThan(500);
});
