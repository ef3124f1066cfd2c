import { expect, test } from "bun:test";
import { cutBytes, redactFailure, redactSecrets } from "./redact.ts";

test.each([
  ["key sk-ant-api03-AbC_d-efghij1234 is bad", "key [REDACTED] is bad"],
  ["sk-proj-abcdefghij12", "[REDACTED]"],
  ["key-0123456789", "[REDACTED]"],
  ["x-api-key: abc123 was refused", "x-api-key: [REDACTED] refused"],
  ['{"authorization":"Bearer abc"}', '{"authorization":"[REDACTED]"}'],
  ["Authorization: Bearer abcdefghijkl", "Authorization: [REDACTED]"],
  ["got Bearer abcdefghijkl.mno", "got Bearer [REDACTED]"],
  ["AKIAABCDEFGHIJKLMNOP", "[REDACTED]"],
  ["https://user:pass@host/path", "https://[REDACTED]@host/path"],
  ["token=0123456789abcdef0123", "token=[REDACTED]"],
  ["sk-ant-\u200bapi03-abcdefghijkl", "[REDACTED]"],
  ["the task-list of risk-free things", "the task-list of risk-free things"],
])("%p reads %p", (text, clean) => expect(redactSecrets(text)).toBe(clean));

test("a failure has at most 500 bytes and no half character", () => {
  const text = redactFailure(`€${"ü".repeat(600)}`);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(500);
  expect(text).not.toContain("\ufffd");
});

test("a cut keeps whole characters", () => {
  expect(cutBytes("a€b", 3)).toBe("a");
  expect(cutBytes("a€b", 4)).toBe("a€");
  expect(cutBytes("abc", 99)).toBe("abc");
});
