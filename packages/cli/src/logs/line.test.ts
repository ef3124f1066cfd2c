import { expect, test } from "bun:test";
import { logLine } from "./line.ts";

test("a record stays on its line whatever it holds", () => {
  const entry = { seq: 1, timestamp: "T", level: "warn", target: "a\n", message: "x\u001b[2J\ny" };
  expect(logLine(entry)).toBe("T [warn] a : x[2J y");
});

test("a record's fields follow its message", () => {
  const fields = {
    runId: "r1",
    why: "two\nwords",
    ms: 5,
    list: [{ b: 1, a: null }],
    empty: "",
    bidi: "\u202e",
  };
  const entry = { seq: 1, timestamp: "T", level: "warn", target: "runs", message: "failed", fields };
  expect(logLine(entry)).toBe(
    'T [warn] runs: failed runId=r1 why="two\\nwords" ms=5 list=[{"a":null,"b":1}] empty="" bidi=',
  );
});
