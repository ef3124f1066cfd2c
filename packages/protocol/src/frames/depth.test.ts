import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { exceedsDepth } from "./depth.ts";

/** Depth by its definition: one for the value, plus the deepest of what it holds. */
function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));

describe("nesting depth", () => {
  test("a scalar at the root has depth 1", () => {
    expect(exceedsDepth("text", 1)).toBe(false);
    expect(exceedsDepth("text", 0)).toBe(true);
  });

  test("a scalar lies one below its container", () => {
    expect(exceedsDepth({ a: 1 }, 1)).toBe(true);
    expect(exceedsDepth({ a: 1 }, 2)).toBe(false);
    expect(exceedsDepth({}, 1)).toBe(false);
  });

  test("32 levels pass a limit of 32, 33 do not", () => {
    expect(exceedsDepth(nested(32), 32)).toBe(false);
    expect(exceedsDepth(nested(33), 32)).toBe(true);
  });

  test("a value far deeper than the stack is refused without being walked to its end", () => {
    expect(exceedsDepth(nested(200_000), 32)).toBe(true);
  });

  test("a key called __proto__ counts like any other", () => {
    expect(exceedsDepth(JSON.parse('{"__proto__":{"a":1}}'), 2)).toBe(true);
  });

  test("it agrees with the definition on any JSON value and limit", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.integer({ min: 0, max: 10 }), (value, limit) => {
        expect(exceedsDepth(value, limit)).toBe(depthOf(value) > limit);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});
