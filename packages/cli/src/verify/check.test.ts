import { expect, test } from "bun:test";
import { fail, isProven, pass, shownError, skip } from "./check.ts";

test("an outcome is proven if nothing failed and something passed", () => {
  const [good, bad, out] = [pass("a", "b"), fail("a", "b", "c"), skip("a", "b", "c")];
  expect(isProven([good])).toBe(true);
  expect(isProven([good, out])).toBe(true);
  expect(isProven([good, bad])).toBe(false);
  expect(isProven([out])).toBe(false);
  expect(isProven([])).toBe(false);
});

test("what another program says is shown if it is a short line, and never a page or a document", () => {
  expect(shownError(" refused \n")).toBe("refused");
  for (const text of ["<html>", '{"error":1}', "two\nlines"])
    expect(shownError(text)).toBe("the reason is not shown here; see: cara logs");
  expect(shownError("x".repeat(160))).toHaveLength(160);
  expect(shownError("x".repeat(161))).toBe(`${"x".repeat(159)}…`);
  expect(shownError("  ")).toBe("no reason was given");
});
