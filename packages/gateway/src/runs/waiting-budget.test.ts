import { expect, test } from "bun:test";
import { createWaitingBudget } from "./waiting-budget.ts";

test("the budget is spent at so many runs, and a place given back twice is one place", () => {
  const budget = createWaitingBudget({ maxRuns: 2, maxBytes: 100 });
  const first = budget.enter(1);
  budget.enter(1);
  expect(budget.enter(1)).toBeUndefined();
  first?.free();
  first?.free();
  expect(budget.enter(1)).toBeDefined();
  expect(budget.enter(1)).toBeUndefined();
});

test("the budget is spent at so many bytes", () => {
  const budget = createWaitingBudget({ maxRuns: 9, maxBytes: 100 });
  const first = budget.enter(60);
  expect(budget.enter(41)).toBeUndefined();
  expect(budget.enter(40)).toBeDefined();
  first?.free();
  expect(budget.enter(60)).toBeDefined();
});

test("what an earlier process accepted has its place in any case, and counts", () => {
  const budget = createWaitingBudget({ maxRuns: 1, maxBytes: 10 });
  budget.readmit(50);
  const second = budget.readmit(50);
  expect(budget.enter(0)).toBeUndefined();
  second.free();
  expect(budget.enter(0)).toBeUndefined();
});
