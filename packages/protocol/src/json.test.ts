import { expect, test } from "bun:test";
import fc from "fast-check";
import { isJson, JsonValue } from "./json.ts";

test("what JSON can hold is told from what it cannot, as the schema does", () => {
  fc.assert(
    fc.property(fc.anything({ maxDepth: 3 }), (value) => {
      // A key without a value is dropped when it is written; the schema refuses it, and so do we.
      if (isJson(value)) expect(JSON.parse(JSON.stringify(value)) as unknown).toBeDefined();
    }),
    { seed: 1, numRuns: 2000 },
  );
  for (const value of [undefined, () => 1, 1n, Symbol("s"), Number.NaN, { a: undefined }, [undefined]]) {
    expect(isJson(value)).toBe(false);
    expect(JsonValue.safeParse(value).success).toBe(false);
  }
  fc.assert(
    fc.property(fc.jsonValue(), (value) => expect(isJson(value)).toBe(true)),
    { seed: 1 },
  );
});

test("a big map is looked through in no time", () => {
  const map = Object.fromEntries([...Array(40_000).keys()].map((key) => [`k${key}`, 1]));
  const startedAtMs = performance.now();
  expect(isJson(map)).toBe(true);
  expect(performance.now() - startedAtMs).toBeLessThan(50);
});
