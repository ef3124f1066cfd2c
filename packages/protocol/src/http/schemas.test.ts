import { expect, test } from "bun:test";
import { z } from "zod";
import { controlBodies } from "./control.ts";
import { healthBodies } from "./health.ts";
import { schemas } from "./schemas.ts";

test("a schema is made when it is first read, once", () => {
  let made = 0;
  const family = schemas({
    one: () => {
      made += 1;
      return z.string();
    },
  });
  expect(made).toBe(0);
  expect([family.one.parse("x"), family.one.parse("y"), made]).toEqual(["x", "y", 1]);
});

test("every HTTP body can be described for programs", () => {
  for (const [name, schema] of Object.entries({ ...controlBodies, ...healthBodies })) {
    const { type, $ref } = z.toJSONSchema(schema, { io: "input" });
    expect(type ?? $ref, name).toBeDefined();
  }
});

test("a patch needs a path that is not blank and a value; null is one", () => {
  const { configPatch } = controlBodies;
  expect(configPatch.safeParse({ path: "a", value: null }).success).toBe(true);
  expect(configPatch.safeParse({ path: "a", value: 1, baseHash: null }).success).toBe(true);
  for (const body of [{}, { path: "a" }, { path: " ", value: 1 }, { path: 1, value: 1 }, [], null, "x"])
    expect(configPatch.safeParse(body).success).toBe(false);
});
