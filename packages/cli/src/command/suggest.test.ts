import { expect, test } from "bun:test";
import { closest } from "./suggest.ts";

const known = ["chat", "start", "status", "logs", "config", "completion"];

test("a slip of the fingers finds its word", () => {
  expect(closest("chta", known)).toBe("chat");
  expect(closest("statsu", known)).toBe("status");
  expect(closest("log", known)).toBe("logs");
  expect(closest("confg", known)).toBe("config");
});

test("the beginning of a word finds it", () => {
  expect(closest("compl", known)).toBe("completion");
});

test("an unlike word finds nothing", () => {
  expect(closest("frobnicate", known)).toBeUndefined();
  expect(closest("x", known)).toBeUndefined();
  expect(closest("x".repeat(100_000), known)).toBeUndefined();
});
