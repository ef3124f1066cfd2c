import { expect, test } from "bun:test";
import { inspect } from "node:util";
import { Secret, secretOf } from "./secret.ts";

test("a secret does not come out through text, JSON, templates or inspection", () => {
  const secret = new Secret("hunter2");
  const shown = [
    String(secret),
    JSON.stringify({ secret }),
    `${secret}`,
    inspect({ secret }),
    Bun.inspect({ secret }),
  ].join();
  expect(shown).not.toContain("hunter2");
  expect(secret.reveal()).toBe("hunter2");
});

test("a blank secret is none", () => {
  expect(secretOf("  ")).toBeUndefined();
  expect(secretOf(null)).toBeUndefined();
  expect(secretOf(" x\n")?.reveal()).toBe("x");
});
