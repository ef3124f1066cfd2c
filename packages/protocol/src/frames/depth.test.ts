import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { exceedsDepth } from "./depth.ts";

/** Depth by its definition: one for the value, plus the deepest of what it holds. */
function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

describe("nesting depth", () => {
  test("a scalar at the root has depth 1", () => {
    expect(exceedsDepth('"text"', 1)).toBe(false);
    expect(exceedsDepth('"text"', 0)).toBe(true);
  });

  test("a scalar lies one below its container", () => {
    expect(exceedsDepth('{ "a": 1 }', 1)).toBe(true);
    expect(exceedsDepth('{ "a": 1 }', 2)).toBe(false);
    expect(exceedsDepth("{ }", 1)).toBe(false);
  });

  test("32 levels pass a limit of 32, 33 do not", () => {
    expect(exceedsDepth(nested(32), 32)).toBe(false);
    expect(exceedsDepth(nested(33), 32)).toBe(true);
  });

  test("brackets inside of strings count for nothing", () => {
    expect(exceedsDepth(JSON.stringify({ "[[[": '\\"[[[{{{' }), 2)).toBe(false);
    expect(exceedsDepth(JSON.stringify({ "]]]": [[1]] }), 3)).toBe(true);
  });

  test("a text without an end is read to where it breaks off", () => {
    for (const text of ["", '"', '"\\', "[[", "]]]]"]) expect(exceedsDepth(text, 2)).toBe(false);
  });

  test("it agrees with the definition on any JSON value and limit", () => {
    const spaced = fc.constantFrom(undefined, 1, "\t");
    const limits = fc.integer({ min: 0, max: 10 });
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), limits, spaced, (value, limit, space) => {
        expect(exceedsDepth(JSON.stringify(value, null, space), limit)).toBe(depthOf(value) > limit);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});
