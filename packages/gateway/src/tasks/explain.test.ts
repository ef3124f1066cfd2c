import { expect, test } from "bun:test";
import { explain } from "./explain.ts";
import type { TaskRecord } from "./record.ts";
import { created } from "./rules.ts";

const cases: [Partial<TaskRecord>, string][] = [
  [{}, "Begins as soon as there is a place for it."],
  [{ nextRunAtMs: 0 }, "Begins at 1970-01-01T00:00:00.000Z."],
  [{ nextRunAtMs: 9e99 }, "Begins some time."],
  [{ waitingFor: ["a", "b"] }, "Waits until these are done: a, b."],
  [{ state: "running", attempts: 2 }, "Attempt 2 is running."],
  [
    { state: "retry_wait", attempts: 1, nextRunAtMs: 0, lastError: "Too busy." },
    "Attempt 2 begins at 1970-01-01T00:00:00.000Z: Too busy.",
  ],
  [
    { state: "blocked", blockedReason: "config_missing", lastError: "No key is set." },
    "Waits for you: No key is set. Once that is settled: cara task resume.",
  ],
  [
    { state: "blocked", blockedReason: "approval_required" },
    "Waits for you: it needs your approval. Once that is settled: cara task resume.",
  ],
  [{ state: "done", attempts: 1 }, "Done after one attempt."],
  [{ state: "done", attempts: 3, summary: "All sorted." }, "Done: All sorted."],
  [
    { state: "failed", attempts: 2, lastError: "given up" },
    "Failed after 2 attempts: given up. To try again: cara task retry; cara task update raises a limit.",
  ],
  [{ state: "cancelled" }, "Cancelled."],
];

test.each(cases)("%j", (more, told) => {
  expect(explain({ ...created({ id: "t", payload: {} }, 0), ...more })).toBe(told);
});
