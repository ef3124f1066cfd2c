import { expect, test } from "bun:test";
import { RunId, SessionKey } from "@carapace/protocol";
import { createLanes } from "./lanes.ts";
import type { RunJob } from "./types.ts";

/** A job whose start the test sees and whose end it decides. */
function bench(maxConcurrent = 4) {
  const started: string[] = [];
  const freed: string[] = [];
  const ends = new Map<string, () => void>();
  const lanes = createLanes({
    maxConcurrent: () => maxConcurrent,
    start(job) {
      started.push(job.run.id);
      return new Promise((resolve) => ends.set(job.run.id, resolve));
    },
  });
  const add = (id: string, sessionKey: string) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const job: RunJob = {
      run: { id: RunId.parse(id), sessionId: sessionKey, sessionKey: SessionKey.parse(sessionKey) },
      purpose: "turn",
      events: { input() {}, turn() {}, end() {} },
      controller: new AbortController(),
      takeIn: async () => [],
      place: { free: () => void freed.push(id) },
      left: promise,
      leave: resolve,
    };
    lanes.add(job);
    return job;
  };
  const end = async (job: RunJob) => {
    ends.get(job.run.id)?.();
    await job.left;
  };
  return { lanes, add, end, started, freed };
}

test("one session runs one job at a time, in order", async () => {
  const { add, end, started, lanes } = bench();
  const first = add("1", "a");
  const second = add("2", "a");
  add("3", "a");
  expect(started).toEqual(["1"]);
  await end(first);
  expect(started).toEqual(["1", "2"]);
  await end(second);
  expect(started).toEqual(["1", "2", "3"]);
  expect(lanes.size()).toBe(1);
});

test("sessions run side by side up to the cap, and a busy one does not starve the others", async () => {
  const { add, end, started } = bench(2);
  const first = add("a1", "a");
  add("a2", "a");
  add("b1", "b");
  add("c1", "c");
  expect(started).toEqual(["a1", "b1"]);
  await end(first);
  expect(started).toEqual(["a1", "b1", "c1"]);
});

test("a waiting job can be taken out, a running one cannot", async () => {
  const { add, end, started, lanes } = bench();
  const first = add("1", "a");
  const second = add("2", "a");
  const third = add("3", "a");
  expect(lanes.of("a")).toEqual([first, second, third]);
  expect(lanes.withdraw(first)).toBe(false);
  expect(lanes.withdraw(second)).toBe(true);
  await second.left;
  await end(first);
  expect(started).toEqual(["1", "3"]);
  expect(lanes.find("2")).toBeUndefined();
});

test("a job's place is free as soon as it begins or is taken out", () => {
  const { add, lanes, freed } = bench();
  add("1", "a");
  const second = add("2", "a");
  add("3", "a");
  expect(freed).toEqual(["1"]);
  lanes.withdraw(second);
  expect(freed).toEqual(["1", "2"]);
});

test("after a stop nothing starts any more", async () => {
  const { add, end, started, lanes } = bench();
  const first = add("1", "a");
  add("2", "a");
  lanes.stop();
  await end(first);
  expect(started).toEqual(["1"]);
  expect(lanes.running()).toEqual([]);
});
