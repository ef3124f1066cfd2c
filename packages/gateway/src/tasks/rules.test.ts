import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { backOffMs, maxBackOffMs, minBackOffMs } from "./back-off.ts";
import { cancelled, patched, resumed, retried } from "./operator.ts";
import type { TaskRecord } from "./record.ts";
import { claimed, created, decided, dependencyDone, dependencyLost, leased } from "./rules.ts";
import { type AttemptEnd, settled } from "./settle.ts";

const nowMs = 1_000_000;
const payload = { kind: "agentTurn", message: "do it" };
const lease = { owner: "me", untilMs: nowMs + 60_000 };
const states = ["queued", "running", "blocked", "retry_wait", "done", "failed", "cancelled"] as const;

function task(more: Partial<TaskRecord> = {}): TaskRecord {
  return { ...created({ id: "t", payload }, 0), ...more };
}

const running = (more: Partial<TaskRecord> = {}) => claimed(task(more), nowMs, lease);
const settle = (one: TaskRecord, end: AttemptEnd, more: { nowMs?: number } = {}) =>
  settled(one, { runId: one.runIds.at(-1) ?? "", end, nowMs, random: 0.5, ...more });

describe("every state and what an operator may do with it", () => {
  const word = { nowMs };
  const becomes: Record<"cancel" | "retry" | "resume" | "patch", Record<TaskRecord["state"], string>> = {
    cancel: {
      ...{ queued: "cancelled", running: "cancelled", blocked: "cancelled", retry_wait: "cancelled" },
      ...{ done: "conflict", failed: "conflict", cancelled: "conflict" },
    },
    retry: {
      ...{ queued: "conflict", running: "conflict", done: "conflict" },
      ...{ blocked: "retry_wait", retry_wait: "retry_wait", failed: "retry_wait", cancelled: "retry_wait" },
    },
    resume: {
      ...{ queued: "conflict", running: "conflict", retry_wait: "conflict", done: "conflict" },
      ...{ blocked: "retry_wait", failed: "conflict", cancelled: "conflict" },
    },
    patch: {
      ...{ queued: "queued", running: "conflict", retry_wait: "retry_wait", done: "conflict" },
      ...{ blocked: "blocked", failed: "failed", cancelled: "cancelled" },
    },
  };
  const rules = {
    cancel: (one: TaskRecord) => cancelled(one, word),
    retry: (one: TaskRecord) => retried(one, word),
    resume: (one: TaskRecord) => resumed(one, word),
    patch: (one: TaskRecord) => patched(one, { reason: "why" }, nowMs),
  };
  for (const action of ["cancel", "retry", "resume", "patch"] as const) {
    test.each(states)(`${action} in %s`, (state) => {
      const result = rules[action](task({ state }));
      const became: string = result.ok ? result.value.state : result.code;
      expect(became).toBe(becomes[action][state]);
      if (!result.ok) expect(result.say).toContain(`is ${state} and cannot be`);
    });
  }
});

test("a claim counts the attempt, names its run and clears what the last one left", () => {
  const one = running({ state: "retry_wait", attempts: 2, runIds: ["task:t:1", "task:t:2"], nextRunAtMs: 5 });
  expect(one).toMatchObject({ state: "running", attempts: 3, nextRunAtMs: null, lease });
  expect(one.runIds).toEqual(["task:t:1", "task:t:2", "task:t:3"]);
  expect(one.policyExplicit).toBe(true);
});

const beyond: [string, Partial<TaskRecord>, string][] = [
  ["attempts", { attempts: 100 }, "the 100 attempts"],
  ["total runtime", { createdAtMs: nowMs - 7 * 86_400_000 - 1 }, "longer than the 604800000 ms"],
  [
    "tokens",
    { usage: { tokens: 10, costUsd: 0 }, policy: { ...task().policy, maxTokens: 10 } },
    "10 tokens of the 10",
  ],
  [
    "dollars",
    { usage: { tokens: 1, costUsd: 0.5 }, policy: { ...task().policy, maxCostUsd: 0.5 } },
    "0.5000 USD",
  ],
  ["payload", { payload: { kind: "what" } }, "invalid payload"],
  ["run timeout", { payload: { ...payload, timeoutSeconds: 601 } }, "maxRunTimeoutSeconds (600)"],
];

test.each(beyond)("a due task beyond its %s has failed, with the reason", (_name, more, say) => {
  const one = running(more);
  expect(one.state).toBe("failed");
  expect(one.lastError).toContain(say);
  expect(one.attempts).toBe(more === undefined ? 0 : ("attempts" in more && more.attempts) || 0);
});

test.each([
  [{ kind: "completed" }, "done", null],
  [{ kind: "again", say: "no" }, "retry_wait", "no"],
  [{ kind: "failed", say: "bad" }, "failed", "bad"],
  [{ kind: "cancelled", say: "stopped" }, "cancelled", "stopped"],
  [{ kind: "blocked", reason: "config_missing", say: "no key" }, "blocked", "no key"],
  [{ kind: "undelivered", say: "gone" }, "blocked", "gone"],
] as const)("an attempt that ended as %j leads on", (end, state, lastError) => {
  const one = settle(running(), end);
  expect(one).toMatchObject({ state, lastError });
  expect(one?.lease).toBeUndefined();
});

test("the end of an attempt counts only for the attempt that the task is at, and only while it runs", () => {
  const end: AttemptEnd = { kind: "completed" };
  expect(settled(running(), { runId: "task:t:9", end, nowMs, random: 0 })).toBeUndefined();
  for (const state of states.filter((one) => one !== "running"))
    expect(settle({ ...running(), state }, end)).toBeUndefined();
});

test("failures back off more and more, and a run that got somewhere begins anew", () => {
  let one = running();
  const waits: number[] = [];
  for (let n = 0; n < 9; n += 1) {
    const waiting = settle(one, { kind: "again", say: "no" });
    if (waiting === undefined) throw new Error("ignored");
    waits.push((waiting.nextRunAtMs ?? 0) - nowMs);
    one = claimed(waiting, nowMs, lease);
  }
  expect(waits).toEqual([45, 90, 180, 360, 720, 1440, 2700, 2700, 2700].map((s) => s * 1000));
  const far = settle(one, { kind: "again", say: "no turns left", isProgress: true });
  expect((far?.nextRunAtMs ?? 0) - nowMs).toBe(45_000);
});

test("a wait is never shorter than 30 s nor longer than an hour", () => {
  const any = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), any, (failures, random) => {
      const ms = backOffMs(failures, random);
      expect(ms).toBeGreaterThanOrEqual(minBackOffMs);
      expect(ms).toBeLessThanOrEqual(maxBackOffMs);
    }),
    { seed: 12 },
  );
});

test("the last attempt that fails ends the task with both reasons", () => {
  const policy = { ...task().policy, maxAttempts: 1 };
  const one = settle(running({ policy }), { kind: "again", say: "the model is down" });
  expect(one?.state).toBe("failed");
  expect(one?.lastError).toContain("the 1 attempts it may have (policy.maxAttempts)");
  expect(one?.lastError).toContain("the last attempt: the model is down");
});

test("a task that was to begin later gets older only from then on", () => {
  const later = { ...created({ id: "t", payload, nextRunAtMs: 30 * 86_400_000 }, 0) };
  expect(claimed(later, 30 * 86_400_000 + 5, lease).state).toBe("running");
  expect(claimed(later, 37 * 86_400_000 + 5, lease).state).toBe("failed");
});

test("an attempt that never began is given back", () => {
  const one = settle(running(), { kind: "returned", afterMs: 500, say: "busy" });
  expect(one).toMatchObject({ state: "retry_wait", attempts: 0, runIds: [], nextRunAtMs: nowMs + 500 });
});

describe("what the assistant says of its task", () => {
  const say = (decision: TaskRecord["decision"]) => {
    const one = decided(running(), "task:t:1", { decision });
    if (one === undefined) throw new Error("refused");
    return one;
  };
  test("counts when its run has completed", () => {
    const done = settle(say({ kind: "done", summary: "all sorted" }), { kind: "completed" });
    expect(done).toMatchObject({ state: "done", summary: "all sorted" });
    const later = settle(say({ kind: "continue", atMs: nowMs + 5, note: "wait" }), { kind: "completed" });
    expect(later).toMatchObject({ state: "retry_wait", nextRunAtMs: nowMs + 5, lastError: "wait" });
    const stuck = settle(say({ kind: "blocked", reason: "approval_required", note: "may I?" }), {
      kind: "completed",
    });
    expect(stuck).toMatchObject({
      state: "blocked",
      blockedReason: "approval_required",
      lastError: "may I?",
    });
  });
  test("does not count when its run failed", () => {
    expect(settle(say({ kind: "done", summary: "x" }), { kind: "again", say: "no" })?.state).toBe(
      "retry_wait",
    );
  });
  test("counts more than that the run's turns were used up", () => {
    const end: AttemptEnd = { kind: "again", say: "no turns left", isProgress: true };
    expect(settle(say({ kind: "done", summary: "x" }), end)?.state).toBe("done");
  });
  test("is not heard from another run, nor once the task has left it", () => {
    expect(decided(running(), "task:t:2", {})).toBeUndefined();
    expect(decided(task({ state: "cancelled", runIds: ["task:t:1"] }), "task:t:1", {})).toBeUndefined();
  });
  test("cannot go on beyond a budget", () => {
    const one = { ...say({ kind: "continue", atMs: nowMs }), policy: { ...task().policy, maxAttempts: 1 } };
    expect(settle(one, { kind: "completed" })?.state).toBe("failed");
  });
});

test("a lease is renewed by its owner, and taken over only when it is over", () => {
  const one = running();
  const other = { owner: "other", untilMs: nowMs + 120_000 };
  expect(leased(one, { owner: "me", untilMs: 1 }, nowMs)?.lease?.untilMs).toBe(1);
  expect(leased(one, other, nowMs)).toBeUndefined();
  expect(leased(one, other, lease.untilMs)?.lease).toEqual(other);
  expect(leased(task(), other, lease.untilMs)).toBeUndefined();
});

test("a task waits until all it depends on is done, and is blocked where one of them came to nothing", () => {
  const one = task({ dependsOn: ["a", "b"], waitingFor: ["a", "b"] });
  const half = dependencyDone(one, "a");
  expect(half?.waitingFor).toEqual(["b"]);
  expect(dependencyDone(half ?? one, "b")?.waitingFor).toBeUndefined();
  expect(dependencyDone(one, "c")).toBeUndefined();
  const lost = dependencyLost(one, "b", { nowMs, how: "is failed" });
  expect(lost).toMatchObject({ state: "blocked", blockedReason: "external_dependency" });
  expect(
    dependencyLost(task({ state: "cancelled", waitingFor: ["b"] }), "b", { nowMs, how: "" }),
  ).toBeUndefined();
});

test("a change of the payload is checked like a new one, with the policy it comes with", () => {
  const slow = { ...payload, timeoutSeconds: 900 };
  expect(patched(task(), { payload: slow }, nowMs)).toMatchObject({ ok: false, code: "invalid_request" });
  const both = patched(task(), { payload: slow, policy: { maxRunTimeoutSeconds: 900 } }, nowMs);
  expect(both.ok && both.value.policy).toMatchObject({ maxRunTimeoutSeconds: 900, maxAttempts: 100 });
});
