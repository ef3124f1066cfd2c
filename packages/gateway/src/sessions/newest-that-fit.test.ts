import { expect, test } from "bun:test";
import { newestThatFit } from "./newest-that-fit.ts";

const message = (id: string, content: string) => ({ id, role: "user" as const, content, ts: 1 });
const idsOf = (messages: readonly { id: string }[]) => messages.map(({ id }) => id).join("");

test("all are given if they fit, else the newest", () => {
  const all = ["a", "b", "c", "d"].map((id) => message(id, "x".repeat(1000)));
  expect(newestThatFit(all)).toEqual(all);
  expect(idsOf(newestThatFit(all, 2500))).toBe("cd");
  expect(newestThatFit([])).toEqual([]);
});

test.each(["x", "é", "\u0001", "🦀"])("of one that is too big alone the beginning is given: %j", (unit) => {
  const [only, ...others] = newestThatFit([message("a", "old"), message("b", unit.repeat(9000))], 6000);
  expect(others).toEqual([]);
  expect(only?.id).toBe("b");
  expect(only?.content).toMatch(/too big to send\.\]$/);
  expect(only?.content).not.toContain("\ufffd");
  expect(Buffer.byteLength(JSON.stringify(only))).toBeLessThan(6200);
});
