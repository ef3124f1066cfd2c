import { expect, test } from "bun:test";
import { readParams } from "@carapace/protocol";
import { bench, minuteMs, noonMs } from "./testing/bench.ts";

const turn = { kind: "agentTurn", message: "look" };
const later = (ms: number) => ({ kind: "at", atMs: noonMs + ms });

async function refusalOf(it: Awaited<ReturnType<typeof bench>>, params: Record<string, unknown>) {
  const read = readParams("cron.add", { name: "job", ...params });
  const added = read.ok ? await it.desk.jobs.add(read.value, "test") : read;
  return added.ok ? undefined : added;
}

test("the same idempotency key again is the same job, after a restart too, and whatever time it names by then", async () => {
  await using it = await bench();
  const wish = { idempotencyKey: "nightly ☕", payload: turn };
  const all = await Promise.all([1, 2, 3].map((n) => it.add({ ...wish, schedule: later(n * minuteMs) })));
  const [first] = all;
  expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  expect(first?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  await using next = await it.restart();
  const again = await next.add({ ...wish, schedule: later(9 * minuteMs) });
  expect(again).toMatchObject({ id: first?.id ?? "", schedule: later(minuteMs) });
  expect(await next.temporary.state.cron.list()).toHaveLength(1);
  await next.pass(20 * minuteMs);
  expect(await next.history()).toHaveLength(1);
});

test("another job under a key that is taken is refused, and so is one that ran and went", async () => {
  await using it = await bench();
  const wish = { idempotencyKey: "k", payload: turn, deleteAfterRun: true, schedule: later(minuteMs) };
  const { id } = await it.add(wish);
  const other = { ...wish, payload: { ...turn, message: "another" } };
  expect(await refusalOf(it, other)).toMatchObject({ code: "conflict" });
  await it.pass(2 * minuteMs);
  expect(await it.job(id)).toBeUndefined();
  expect(await refusalOf(it, { ...wish, schedule: later(9 * minuteMs) })).toMatchObject({ code: "conflict" });
  expect(await refusalOf(it, { ...wish, idempotencyKey: "k".repeat(256) })).toMatchObject({
    say: "idempotencyKey must be at most 255 characters",
  });
});
