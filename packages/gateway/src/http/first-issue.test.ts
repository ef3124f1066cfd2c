import { expect, test } from "bun:test";
import { z } from "zod";
import { firstIssue } from "./first-issue.ts";

const body = z.object({
  payload: z.record(z.string(), z.unknown()),
  policy: z.object({ maxTurns: z.int().max(10) }).optional(),
});

test.each([
  [{}, "payload: it is missing; give an object"],
  [{ payload: "x" }, "payload: it must be an object"],
  [{ payload: {}, policy: { maxTurns: "x" } }, "policy.maxTurns: it must be a number"],
  [{ payload: {}, policy: { maxTurns: 1.5 } }, "policy.maxTurns: it must be a whole number"],
  [{ payload: {}, policy: { maxTurns: 11 } }, "policy.maxTurns: Too big: expected number to be <=10"],
  ["x", "it must be an object"],
])("of %j it is told that %s", (given, say) => {
  const read = body.safeParse(given);
  expect(read.error && firstIssue(read.error)).toBe(say);
});
