import { expect, test } from "bun:test";
import fc from "fast-check";
import { canonical, type Field } from "./canonical.ts";

const field: fc.Arbitrary<Field> = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.integer(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 8 }),
  fc.constantFrom("s1:a;", "n;", "2;", "i1;"),
);

test("different fields never give the same bytes", () => {
  fc.assert(
    fc.property(fc.array(field, { maxLength: 6 }), fc.array(field, { maxLength: 6 }), (a, b) => {
      expect(canonical(a) === canonical(b)).toBe(Bun.deepEquals(a.map(plain), b.map(plain), true));
    }),
    { seed: 7, numRuns: 3000 },
  );
});

test("fields cannot be moved over their borders", () => {
  expect(canonical(["ab", "c"])).not.toBe(canonical(["a", "bc"]));
  expect(canonical(["1"])).not.toBe(canonical([1]));
  expect(canonical([""])).not.toBe(canonical([null]));
  expect(canonical([])).not.toBe(canonical([null]));
});

function plain(value: Field): Field {
  return Object.is(value, -0) ? 0 : value;
}
