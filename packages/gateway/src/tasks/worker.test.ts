import { expect, test } from "bun:test";
import { refuse } from "@carapace/protocol";
import type { RunOutcome } from "@carapace/state";
import type { Uncounted } from "../usage/tracking.ts";
import { actor, startTestBench } from "./testing/bench.ts";

const completed: RunOutcome = { status: "completed", response: "done" };

/** Turns that wait until they are let go, one after the other. */
function gates() {
  const waiting: (() => void)[] = [];
  return {
    answer: async (): Promise<RunOutcome> => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return completed;
    },
    open: () => {
      for (const resolve of waiting.splice(0)) resolve();
    },
    waiting: () => waiting.length,
  };
}

test("a task is done when its run has completed, and not before", async () => {
  const gate = gates();
  await using bench = await startTestBench({ answer: gate.answer });
  const id = await bench.create();
  await bench.begun(1);
  expect(await bench.task(id)).toMatchObject({ state: "running", attempts: 1, runIds: [`task:${id}:1`] });
  gate.open();
  await bench.idle();
  expect(await bench.task(id)).toMatchObject({ state: "done", attempts: 1, lastError: null });
  expect(bench.door.turns.map((turn) => [turn.id, turn.text])).toEqual([[`task:${id}:1`, "do it"]]);
});

test("its run is bounded by the policy, alone in a session of the task's own, and speaks for the owner", async () => {
  await using bench = await startTestBench();
  const policy = { maxTurns: 3, maxRunTimeoutSeconds: 40 };
  const id = await bench.create({ policy });
  await bench.idle();
  const [turn] = bench.door.turns;
  expect(turn?.run.options).toMatchObject({ maxTurns: 3, timeoutSeconds: 40, alone: true });
  expect(turn?.run.input.blocks[0]).toMatchObject({ origin: { kind: "owner" } });
  const again = await bench.create({ policy: { maxTotalRuntimeMs: 5000 } });
  await bench.idle();
  expect(bench.door.turns[1]?.run.options).toMatchObject({ timeoutSeconds: 5 });
  expect(bench.door.turns[1]?.run.sessionKey).not.toBe(turn?.run.sessionKey);
  expect([(await bench.task(id))?.state, (await bench.task(again))?.state]).toEqual(["done", "done"]);
});

test("a task whose run failed is tried again later, in the same session, and is told that it goes on", async () => {
  const outcomes: RunOutcome[] = [{ status: "failed", error: "the model is overloaded" }, completed];
  await using bench = await startTestBench({ answer: () => outcomes.shift() ?? completed });
  const id = await bench.create();
  await bench.idle();
  const waiting = await bench.task(id);
  expect(waiting).toMatchObject({ state: "retry_wait", attempts: 1, lastError: "the model is overloaded" });
  const dueAtMs = waiting?.nextRunAtMs ?? 0;
  await bench.at(dueAtMs - 1);
  expect(bench.door.turns).toHaveLength(1);
  await bench.at(dueAtMs);
  expect(await bench.task(id)).toMatchObject({ state: "done", attempts: 2 });
  const [first, second] = bench.door.turns;
  expect(second?.run.sessionKey).toBe(first?.run.sessionKey as never);
  expect(second?.text).toStartWith("do it\n\n[This is attempt 2 at this task.");
});

test("without a model it waits for the owner; after a resume it goes on", async () => {
  await using bench = await startTestBench();
  bench.door.unplug(refuse("provider_not_configured", "No provider is set up."));
  const id = await bench.create();
  await bench.idle();
  expect(await bench.task(id)).toMatchObject({
    ...{ state: "blocked", blockedReason: "config_missing", lastError: "No provider is set up." },
  });
  bench.door.unplug();
  expect((await bench.desk.resume(id, { reason: "the key is set" }, "me")).ok).toBe(true);
  await bench.idle();
  expect((await bench.task(id))?.state).toBe("done");
  expect(bench.door.turns[0]?.text).toContain("The owner adds: the key is set");
});

test.each([
  ["auth", "blocked", "config_missing"],
  ["quota", "blocked", "operator_action_required"],
  ["overloaded", "retry_wait", undefined],
  ["constructor", "retry_wait", undefined],
])("a run that failed because of %s leaves its task %s", async (cause, state, blockedReason) => {
  await using bench = await startTestBench({ answer: () => ({ status: "failed", error: "no", cause }) });
  const id = await bench.create();
  await bench.idle();
  expect(await bench.task(id)).toMatchObject({ state, lastError: "no" });
  expect((await bench.task(id))?.blockedReason).toBe(blockedReason as never);
});

test("a gateway that takes no message now gives the attempt back", async () => {
  await using bench = await startTestBench();
  bench.door.unplug(refuse("unavailable", "too many wait"));
  const id = await bench.create();
  await bench.idle();
  expect(await bench.task(id)).toMatchObject({
    state: "retry_wait",
    attempts: 0,
    lastError: "too many wait",
  });
  bench.door.unplug();
  await bench.at(bench.clock.nowMs + 10_000);
  expect(await bench.task(id)).toMatchObject({ state: "done", attempts: 1 });
});

test("cancelling stops the run, and its end changes nothing any more", async () => {
  const aborted = Promise.withResolvers<void>();
  await using bench = await startTestBench({
    answer: async () => {
      await aborted.promise;
      return { status: "cancelled" };
    },
  });
  const id = await bench.create();
  await bench.begun(1);
  expect(await bench.desk.cancel(id, { reason: "not needed" }, "me")).toMatchObject({ ok: true });
  aborted.resolve();
  await bench.idle();
  expect(await bench.task(id)).toMatchObject({ state: "cancelled", lastError: "not needed" });
  await bench.door.runs.wait(`task:${id}:1`, 5000, new AbortController().signal);
  expect((await bench.state.runs.find(`task:${id}:1`))?.status).toBe("cancelled");
});

test("a task that is cancelled and sent on its way again at once is carried out again", async () => {
  const gate = gates();
  await using bench = await startTestBench({ answer: gate.answer });
  const id = await bench.create();
  await bench.begun(1);
  const cancelling = bench.desk.cancel(id, {}, "me");
  const retrying = bench.desk.retry(id, {}, "me");
  expect([(await cancelling).ok, (await retrying).ok]).toEqual([true, true]);
  gate.open();
  await bench.begun(2);
  gate.open();
  await bench.idle();
  expect(await bench.task(id)).toMatchObject({ state: "done", attempts: 2 });
});

test("a task as the reference left it is carried out like any other", async () => {
  await using bench = await startTestBench();
  const bare = { attempts: 3, createdAtMs: bench.clock.nowMs, updatedAtMs: bench.clock.nowMs };
  const payload = { kind: "agentTurn", message: "do it" };
  const state = "retry_wait" as const;
  await bench.state.tasks.save("tasks", { ...bare, id: "a", state, payload });
  const odd = { policy: { maxTurns: "many" }, runIds: 7, lease: "mine", dependsOn: {}, usage: [] };
  await bench.state.tasks.save("tasks", { ...bare, ...odd, id: "b", state, payload, nextRunAtMs: null });
  await bench.state.tasks.save("tasks", { ...bare, id: "c", state, payload: { kind: "later" } });
  await bench.at(bench.clock.nowMs);
  expect(await bench.task("a")).toMatchObject({ state: "done", attempts: 4, runIds: ["task:a:4"] });
  expect(await bench.task("b")).toMatchObject({ state: "done", policy: { maxTurns: 25 } });
  expect((await bench.task("c"))?.lastError).toContain("invalid payload");
});

test("a run that its owner stops takes its task along", async () => {
  const abort = Promise.withResolvers<void>();
  await using bench = await startTestBench({
    answer: async () => {
      await abort.promise;
      return { status: "cancelled" };
    },
  });
  const id = await bench.create();
  await bench.begun(1);
  await bench.door.runs.abort(`task:${id}:1`);
  abort.resolve();
  await bench.idle();
  expect(await bench.task(id)).toMatchObject({ state: "cancelled", lastError: "its run was cancelled" });
});

test("so many run at a time as there are places, and the next begins when one has ended", async () => {
  const gate = gates();
  await using bench = await startTestBench({ answer: gate.answer, maxParallel: 2 });
  const ids = [await bench.create(), await bench.create(), await bench.create()];
  await bench.begun(2);
  expect(gate.waiting()).toBe(2);
  expect((await bench.state.tasks.list("tasks", "queued")).length).toBe(1);
  gate.open();
  await bench.begun(3);
  gate.open();
  await bench.idle();
  for (const id of ids) expect((await bench.task(id))?.state).toBe("done");
});

test("an event is told once, and then the task is done", async () => {
  await using bench = await startTestBench();
  const id = await bench.create({ payload: { kind: "systemEvent", text: "the disk is full" } });
  await bench.idle();
  expect(bench.events).toEqual([
    { id: `task:${id}:1`, text: "the disk is full", reason: "task", mode: "now", origin: { kind: "owner" } },
  ]);
  expect((await bench.task(id))?.state).toBe("done");
});

test("a task begins when those it depends on are done, and waits for the owner where one failed", async () => {
  const gate = gates();
  await using bench = await startTestBench({ answer: gate.answer });
  const first = await bench.create();
  const doomed = await bench.create({ payload: { kind: "agentTurn", message: "will be cancelled" } });
  const second = await bench.create({ dependsOn: [first] });
  const third = await bench.create({ dependsOn: [first, doomed] });
  await bench.begun(2);
  expect(await bench.task(second)).toMatchObject({ state: "queued", waitingFor: [first] });
  await bench.desk.cancel(doomed, {}, "me");
  expect(await bench.task(third)).toMatchObject({ state: "blocked", blockedReason: "external_dependency" });
  gate.open();
  await bench.begun(3);
  expect(bench.door.turns[2]?.id).toBe(`task:${second}:1`);
  // The owner's word counts more than the lost task.
  await bench.desk.resume(third, {}, "me");
  await bench.begun(4);
  gate.open();
  await bench.idle();
  expect([(await bench.task(second))?.state, (await bench.task(third))?.state]).toEqual(["done", "done"]);
});

test("a task cannot wait for one that is not there, or that came to nothing", async () => {
  await using bench = await startTestBench();
  await expect(bench.create({ dependsOn: ["nobody"] })).rejects.toThrow("there is no task");
  const id = await bench.create({ nextRunAtMs: bench.clock.nowMs + 1000 });
  await bench.desk.cancel(id, {}, "me");
  await expect(bench.create({ dependsOn: [id] })).rejects.toThrow("is cancelled");
});

test("a clock that is set forth or back loses nothing", async () => {
  await using bench = await startTestBench();
  const now = bench.clock.nowMs;
  const id = await bench.create({ nextRunAtMs: now + 60_000 });
  await bench.at(now - 86_400_000);
  expect((await bench.task(id))?.state).toBe("queued");
  await bench.at(now + 86_400_000);
  expect((await bench.task(id))?.state).toBe("done");
});

test("a task whose tokens are used up is stopped between two steps", async () => {
  await using bench = await startTestBench({
    answer: async (run) => {
      const usage = { inputTokens: 90, outputTokens: 20 };
      await bench.state.usage.record({
        ...{ provider: "p", model: "p:m", agentId: "main", sessionKey: run.sessionKey, costUsd: 0.2, usage },
        atMs: bench.clock.nowMs,
      });
      return { status: "failed", error: "no", usage };
    },
  });
  const id = await bench.create({ policy: { maxTokens: 100 } });
  await bench.idle();
  const one = await bench.task(id);
  expect(one).toMatchObject({ state: "failed", usage: { tokens: 110, costUsd: 0.2 } });
  expect(one?.lastError).toContain("110 tokens of the 100");
});

test("a message that took the id of its run is not its run", async () => {
  await using bench = await startTestBench();
  const id = await bench.create({ nextRunAtMs: bench.clock.nowMs + 1000 });
  const hello = { message: "hello", origin: { kind: "owner" }, session: { name: "mine" } } as const;
  const inbound = { ...hello, runId: `task:${id}:1`, speaker: {}, metadata: {}, wishes: { stream: false } };
  await bench.door.ingress.submit(inbound, "chat");
  await bench.at(bench.clock.nowMs + 1000);
  const waiting = await bench.task(id);
  expect(waiting).toMatchObject({ state: "retry_wait", attempts: 1 });
  await bench.at(waiting?.nextRunAtMs ?? 0);
  expect(await bench.task(id)).toMatchObject({ state: "done", attempts: 2 });
});

test("a task cancelled just before its run is accepted has no run that goes on", async () => {
  const asked = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const gate = gates();
  await using bench = await startTestBench({
    answer: gate.answer,
    beforeSubmit: async () => {
      asked.resolve();
      await go.promise;
    },
  });
  const id = await bench.create();
  await asked.promise;
  expect((await bench.desk.cancel(id, {}, "me")).ok).toBe(true);
  let isStopped = false;
  const { abort } = bench.door.runs;
  bench.door.runs.abort = async (runId) => {
    isStopped = await abort(runId);
    return isStopped;
  };
  go.resolve();
  await bench.idle();
  expect([isStopped, (await bench.task(id))?.state]).toEqual([true, "cancelled"]);
  gate.open();
});

test("a task that may cost only so much does not run while nobody counts", async () => {
  await using bench = await startTestBench({ uncounted: () => "nobody counts" });
  const id = await bench.create({ policy: { maxCostUsd: 1 } });
  await bench.idle();
  expect(await bench.task(id)).toMatchObject({ state: "blocked", blockedReason: "operator_action_required" });
  expect(bench.door.turns).toEqual([]);
});

test("one that used a model without a price goes on no more: its limit of money would hold nothing", async () => {
  const uncounted: Uncounted = ([row]) => row && `nobody knows what the model ${row.model} costs`;
  const held = Promise.withResolvers<RunOutcome>();
  await using bench = await startTestBench({ uncounted, answer: () => held.promise });
  const id = await bench.create({ policy: { maxCostUsd: 1 } });
  await bench.begun(1);
  const { sessionKey } = bench.door.turns[0]?.run ?? {};
  if (sessionKey === undefined) throw new Error("it did not run");
  await bench.state.usage.record({
    ...{ provider: "p", model: "p:m", sessionKey, agentId: "default", costUsd: 0, atMs: bench.clock.nowMs },
    usage: { inputTokens: 60, outputTokens: 40 },
  });
  held.resolve({ status: "failed", error: "busy" });
  await bench.idle();
  await bench.at(bench.clock.nowMs + 3_600_000);
  expect(bench.door.turns).toHaveLength(1);
  const lastError = "it may cost only so much (policy.maxCostUsd), and nobody knows what the model p:m costs";
  expect(await bench.task(id)).toMatchObject({ state: "blocked", lastError });
});

test("a task of a file that was imported does not speak for the owner, until they write its text anew", async () => {
  await using bench = await startTestBench();
  const id = await bench.create({ nextRunAtMs: bench.clock.nowMs + 1000 });
  await bench.store.update(id, ({ origin: _, ...task }) => task);
  await bench.at(bench.clock.nowMs + 1000);
  expect(bench.door.turns[0]?.run.input.blocks[0]).toMatchObject({ origin: { kind: "imported" } });
  const other = await bench.create({ nextRunAtMs: bench.clock.nowMs + 1000 });
  await bench.store.update(other, ({ origin: _, ...task }) => task);
  await bench.desk.patch(other, { payload: { kind: "agentTurn", message: "mine" } }, actor);
  await bench.at(bench.clock.nowMs + 1000);
  expect(bench.door.turns[1]?.run.input.blocks[0]).toMatchObject({ text: "mine", origin: { kind: "owner" } });
});

test("the key of another day makes no task of today: it is refused, not taken for the old one", async () => {
  await using bench = await startTestBench();
  const payload = { kind: "agentTurn", message: "report" };
  const wish = { payload, nextRunAtMs: undefined, policy: undefined, dependsOn: undefined };
  const ask = () => bench.desk.create(wish, { actor, key: "daily" });
  const [first, again] = [await ask(), await ask()];
  expect([first.ok, again]).toMatchObject([true, { ok: true }]);
  await bench.idle();
  bench.clock.nowMs += 86_400_001;
  expect(await ask()).toMatchObject({ ok: false, code: "conflict" });
  await bench.idle();
  expect(bench.door.turns).toHaveLength(1);
});
