import { expect, test } from "bun:test";
import { temporaryState } from "../testing/temporary.ts";
import type { Task, TaskState } from "./types.ts";

const task = (id: string, more: Partial<Task> = {}): Task => ({
  id,
  state: "queued",
  attempts: 0,
  payload: { kind: "systemEvent", text: id },
  createdAtMs: 1,
  updatedAtMs: 1,
  ...more,
});

test("a claimed task is gone for the next one who claims, and nothing else is", async () => {
  await using it = await temporaryState();
  const { tasks } = it.state;
  await tasks.add("tasks", task("later", { nextRunAtMs: 50 }), 10);
  await tasks.add("tasks", task("now"), 10);
  const run = (one: Task): Task => ({ ...one, state: "running" });
  expect((await tasks.claim("tasks", 10, run))?.id).toBe("now");
  expect(await tasks.claim("tasks", 10, run)).toBeUndefined();
  expect((await tasks.claim("tasks", 50, run))?.id).toBe("later");
  expect((await tasks.list("tasks", "running")).map(({ id }) => id)).toEqual(["later", "now"]);
});

test("a task that waits for others is not due, whatever its time", async () => {
  await using it = await temporaryState();
  const { tasks } = it.state;
  await tasks.add("tasks", task("a", { waitingFor: ["b"] }), 10);
  expect(await tasks.due("tasks", 99, 10)).toEqual([]);
  expect(await tasks.nextDueAtMs("tasks")).toBeUndefined();
  await tasks.add("tasks", task("c", { state: "retry_wait", nextRunAtMs: 70 }), 10);
  expect(await tasks.nextDueAtMs("tasks")).toBe(70);
  await tasks.add("tasks", task("d"), 10);
  expect(await tasks.nextDueAtMs("tasks")).toBe(0);
});

test("a change that finds another state than it expects leaves the task alone", async () => {
  await using it = await temporaryState();
  const { tasks } = it.state;
  await tasks.add("tasks", task("a"), 10);
  const toDone = (one: Task) => (one.state === "running" ? { ...one, state: "done" as const } : undefined);
  expect(await tasks.update("tasks", "a", toDone)).toMatchObject({
    isChanged: false,
    task: { state: "queued" },
  });
  expect(await tasks.update("tasks", "nobody", toDone)).toBeUndefined();
});

test("at capacity the ended task changed longest ago makes room; without one the queue is full", async () => {
  await using it = await temporaryState();
  const { tasks } = it.state;
  const ended: [string, TaskState, number][] = [
    ["old", "failed", 5],
    ["older", "done", 3],
    ["open", "blocked", 1],
  ];
  for (const [id, state, updatedAtMs] of ended) await tasks.add("tasks", task(id, { state, updatedAtMs }), 3);
  expect(await tasks.add("tasks", task("old"), 3)).toMatchObject({
    kind: "known",
    task: { state: "failed" },
  });
  expect((await tasks.add("tasks", task("x"), 3)).kind).toBe("added");
  expect((await tasks.list("tasks")).map(({ id }) => id)).toEqual(["old", "open", "x"]);
  expect(await tasks.isFull("tasks", 3)).toBe(false);
  expect((await tasks.add("tasks", task("y"), 3)).kind).toBe("added");
  expect(await tasks.isFull("tasks", 3)).toBe(true);
  expect(await tasks.add("tasks", task("z"), 3)).toEqual({ kind: "full" });
  expect(await tasks.openCount("tasks")).toBe(3);
  // Another queue has its own room.
  expect((await tasks.add("read_receipts", task("z"), 3)).kind).toBe("added");
});

test("pages follow one another without a gap, newest change first, and the total is of all", async () => {
  await using it = await temporaryState();
  const { tasks } = it.state;
  for (let n = 0; n < 7; n += 1) {
    const state = n === 6 ? "done" : "queued";
    await tasks.add("tasks", task(`t${n}`, { state, updatedAtMs: Math.floor(n / 2) }), 10);
  }
  const seen: string[] = [];
  let after: { updatedAtMs: number; id: string } | undefined;
  for (;;) {
    const page = await tasks.page("tasks", { state: "queued", limit: 2, ...(after && { after }) });
    expect(page.total).toBe(6);
    seen.push(...page.tasks.map(({ id }) => id));
    after = page.tasks.at(-1);
    if (!page.hasMore) break;
  }
  expect(seen).toEqual(["t4", "t5", "t2", "t3", "t0", "t1"]);
  expect((await tasks.page("tasks", {})).tasks[0]?.id).toBe("t6");
});
