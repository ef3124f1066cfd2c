import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import { cutBytes, redactDetail } from "./redact.ts";

test.each([
  ["the key sk-ant-api03-abcdefghij is wrong", "the key [redacted] is wrong"],
  ["Incorrect API key provided: sk-proj-****************6789.", "Incorrect API key provided: [redacted]"],
  ["key-abcdefghijklmno", "[redacted]"],
  ['{"x-api-key": "abc"}', '{"x-api-key": "[redacted]"}'],
  ["Authorization: Bearer abc.def", "Authorization: [redacted]"],
  ["sent Bearer abcdefgh12345", "sent [redacted]"],
  ["see https://user:pw@host.example/path?key=1 now", "see [address] now"],
  ["two\nlines\u202e and \u0000 controls", "two lines and controls"],
  ["a keyboard and a task-list", "a keyboard and a task-list"],
])("text of kind %# is made safe", (text, safe) => {
  expect(redactDetail(text, [])).toBe(safe);
});

test("a key of any shape is cut out where it is known", () => {
  expect(redactDetail("no access for hunter2!", [new Secret("hunter2")])).toBe("no access for [redacted]!");
});

test("a cut never leaves half a character and never exceeds its bytes", () => {
  for (let limit = 3; limit < 40; limit += 1) {
    const cut = cutBytes("aé✓👋".repeat(6), limit);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(limit);
    expect(cut).not.toContain("\ufffd");
  }
});

test("a long hostile text is redacted in no time", () => {
  const startedMs = performance.now();
  redactDetail("sk-".repeat(200_000), []);
  redactDetail("authorization: ".repeat(50_000), []);
  expect(performance.now() - startedMs).toBeLessThan(200);
});
