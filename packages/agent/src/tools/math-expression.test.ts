import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { evaluate } from "./math-expression.ts";

test.each([
  ["6*7", 42],
  [" 1 + 2 * 3 ", 7],
  ["(1+2)*3", 9],
  ["2^3^2", 512],
  ["-2^2", 4],
  ["-(2^2)", -4],
  ["2^-1", 0.5],
  ["--3", 3],
  ["+-+3", -3],
  ["7 % 4", 3],
  ["-7 % 4", -3],
  ["1-2-3", -4],
  ["8/4/2", 1],
  [".5 + 1.", 1.5],
  ["1e3", 1000],
  ["2*-3", -6],
  ["0*-1", 0],
  [`${"(".repeat(128)}1${")".repeat(128)}`, 1],
])("%s is %p", (expression, value) => expect(evaluate(expression)).toEqual({ ok: true, value }));

describe("refused:", () => {
  test.each([
    ["1/0", "Division by zero."],
    ["1%0", "Modulo by zero."],
    ["1e308*10", "not a finite number"],
    ["(-1)^0.5", "not a finite number"],
    ["1e999", "not a finite number"],
    ["", "ends too early"],
    ["1+", "ends too early"],
    ["(1", "closing parenthesis"],
    ["1)", '")" is not expected'],
    ["1 2", '"2" is not expected'],
    ["two", '"t" is not a number'],
    ["process.exit()", '"p" is not a number'],
    [`${"(".repeat(129)}1${")".repeat(129)}`, "128 deep"],
  ])("%p", (expression, say) =>
    expect(evaluate(expression)).toMatchObject({ ok: false, say: expect.stringContaining(say) }),
  );
});

test("whatever the text, it gives a finite number or a refusal", () => {
  const signs = fc.string({ unit: fc.constantFrom(..."0123456789.+-*/%^() e"), maxLength: 1024 });
  fc.assert(
    fc.property(signs, (expression) => {
      const result = evaluate(expression);
      expect(result.ok ? Number.isFinite(result.value) : result.say.length > 0).toBe(true);
    }),
    { seed: 11, numRuns: 500 },
  );
});
