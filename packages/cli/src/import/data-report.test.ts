import { expect, test } from "bun:test";
import { type ImportReport, type PortableProblem, portableStores } from "@carapace/state/portable";
import { countLines, importedCount, lockedCount, problemLines } from "./data-report.ts";

const none = { found: 0, imported: 0, unchanged: 0, skipped: 0, locked: 0, corrupt: 0 };

function report(problems: readonly PortableProblem[] = [], problemsLeftOut = 0): ImportReport {
  const stores = Object.fromEntries(portableStores.map((name) => [name, none])) as ImportReport["stores"];
  const sessions = { ...none, found: 12, imported: 9, locked: 3 };
  return {
    stores: { ...stores, sessions, memory: { ...none, found: 1, unchanged: 1 } },
    messages: 40,
    problems,
    problemsLeftOut,
  };
}

const problem = (state: PortableProblem["state"], more: Partial<PortableProblem> = {}): PortableProblem => {
  return { kind: "problem", state, store: "sessions", path: "sessions/a.json", say: "Why.", ...more };
};

test("the table has a row for each kind that was found, with its columns under each other", () => {
  expect(countLines(report(), false)).toEqual([
    "          found  to import  there already  skipped  locked  unreadable",
    "Sessions     12          9              -        -       3           -",
    "Notes         1          -              1        -       -           -",
  ]);
  expect(countLines(report(), true)[0]).toContain("imported");
  expect([importedCount(report()), lockedCount(report())]).toEqual([9, 3]);
});

test("a problem is one line with its place, whatever its file is called", () => {
  const told = [
    problem("locked"),
    problem("corrupt", { line: 3 }),
    problem("note", { path: "a\nb\u001b[2J" }),
  ];
  expect(problemLines(report(told))).toEqual([
    "locked: sessions/a.json: Why.",
    "corrupt: sessions/a.json, line 3: Why.",
    "a b[2J: Why.",
  ]);
});

test("of many problems the first are told, and how many more there are", () => {
  const lines = problemLines(
    report(
      Array.from({ length: 50 }, () => problem("corrupt")),
      7,
    ),
  );
  expect(lines).toHaveLength(41);
  expect(lines.at(-1)).toStartWith("… and 17 more");
});
