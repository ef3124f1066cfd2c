import { expect, test } from "bun:test";
import { cutBytes, redactFailure } from "./redact.ts";

test("a secret that lies across the cut is gone, not halved", () => {
  for (let before = 440; before < 500; before += 1)
    expect(redactFailure(`${"x".repeat(before)} sk-ant-api03-999999999999`)).not.toContain("sk-");
});

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
