import { expect, test } from "bun:test";
import type { RunOutcome } from "@carapace/state";
import { inboundOfJob } from "../jobs/inbound.ts";
import { runIdOf } from "./record.ts";
import { claimed, created } from "./rules.ts";
import { startTestBench } from "./testing/bench.ts";

const completed: RunOutcome = { status: "completed", response: "done" };

test("two workers on one state never run a task twice", async () => {
  await using one = await startTestBench({ isAlone: false, owner: "one" });
  await using other = await startTestBench({ beside: one, isAlone: false, owner: "other" });
  const ids = await Promise.all(Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? one : other).create()));
  one.worker.wake();
  other.worker.wake();
  await Promise.all([one.idle(), other.idle()]);
  const runs = one.door.turns.map(({ id }) => id);
  expect(runs.toSorted()).toEqual(ids.map((id) => runIdOf(id, 1)).toSorted());
  for (const id of ids) expect((await one.task(id))?.state).toBe("done");
});

test("a task that a living process holds is left alone, and taken over once its lease is over, as the same run", async () => {
  const gate = Promise.withResolvers<void>();
  await using one = await startTestBench({
    isAlone: false,
    owner: "one",
    answer: async () => {
      await gate.promise;
      return completed;
    },
  });
  const id = await one.create();
  await one.begun(1);
  await using other = await startTestBench({ beside: one, isAlone: false, owner: "other" });
  other.worker.wake();
  await other.idle();
  expect((await one.task(id))?.lease?.owner).toBe("one");
  // As if the first had died: its lease runs out.
  await one.worker[Symbol.asyncDispose]();
  one.clock.nowMs += 60_001;
  other.worker.wake();
  gate.resolve();
  await other.idle();
  expect(await one.task(id)).toMatchObject({ state: "done", attempts: 1 });
  expect(one.door.turns).toHaveLength(1);
});

/** A task as a process that was killed left it. */
async function left(how: "claimed" | "accepted" | "ended") {
  const bench = await startTestBench();
  const nowMs = bench.clock.nowMs;
  const gone = { owner: "gone", untilMs: nowMs + 60_000 };
  const id = crypto.randomUUID();
  const task = claimed(created({ id, payload: { kind: "agentTurn", message: "do it" } }, nowMs), nowMs, gone);
  await bench.state.tasks.save("tasks", task);
  const runId = runIdOf(id, 1);
  if (how !== "claimed") {
    const payload = { kind: "agentTurn", message: "do it" } as const;
    const job = { runId, sessionName: `cron:${id}`, origin: { kind: "owner" } as const };
    const inbound = inboundOfJob({ ...noMore, ...payload }, job);
    await bench.door.ingress.submit(inbound, "turn");
    if (how === "ended") await bench.door.runs.wait(runId, 5000, new AbortController().signal);
  }
  return { bench, id, runId };
}

const noMore = {
  ...{ model: undefined, route: undefined, thinking: undefined, timeoutSeconds: undefined },
  ...{ allowUnsafeExternalContent: undefined, deliver: undefined, channel: undefined, to: undefined },
  bestEffortDeliver: undefined,
};

test.each(["claimed", "accepted", "ended"] as const)(
  "a task that was left %s is gone on with at once, as the same run",
  async (how) => {
    const { bench, id, runId } = await left(how);
    await using it = bench;
    it.worker.wake();
    await it.idle();
    expect(await it.task(id)).toMatchObject({ state: "done", attempts: 1, runIds: [runId] });
    expect(it.door.turns.map((turn) => turn.id)).toEqual([runId]);
  },
);

test("a run of which nobody knows the end any more is not carried out again under its id", async () => {
  const { bench, id } = await left("claimed");
  await using it = bench;
  it.clock.nowMs += 86_400_000;
  it.worker.wake();
  await it.idle();
  expect(await it.task(id)).toMatchObject({
    ...{ state: "retry_wait", lastError: "what became of its run is not known any more" },
  });
  expect(it.door.turns).toEqual([]);
});
