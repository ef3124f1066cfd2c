import { expect, test } from "bun:test";
import type { WaitingMessage } from "@carapace/state";
import fc from "fast-check";
import { Line } from "./line.ts";

const capMs = 100;
const message = (seq: number, to: string, nextAttemptAtMs?: number): WaitingMessage => ({
  ...{ id: `m${seq}`, seq, channel: "c", to },
  ...(nextAttemptAtMs === undefined ? {} : { nextAttemptAtMs }),
});

/** What happens to a line: a message comes, one is taken and sent, one is taken and waits again, time passes. */
const step = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), to: fc.constantFrom("a", "b", "c") }),
  fc.record({ kind: fc.constant("send" as const) }),
  fc.record({ kind: fc.constant("again" as const), waitMs: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 50 }) }),
);

test("whatever fails and waits, each chat gets its messages in their order, and each of them once", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const line = new Line();
      const sent: WaitingMessage[] = [];
      let [seq, at] = [0, 0];
      const now = () => ({ nowMs: at, monotonicMs: at });
      for (const one of steps) {
        if (one.kind === "add") line.add(message(++seq, one.to), now(), capMs);
        else if (one.kind === "pass") at += one.ms;
        else {
          const next = line.takeNext(at);
          if (next === undefined) continue;
          const taken = message(next.seq, next.to, at + (one.kind === "again" ? one.waitMs : 0));
          if (one.kind === "send") sent.push(taken);
          else line.add(taken, now(), capMs);
        }
      }
      for (at += capMs; sent.length < seq; ) {
        const next = line.takeNext(at);
        if (next === undefined) return false;
        sent.push(message(next.seq, next.to));
      }
      return ["a", "b", "c"].every((to) => {
        const order = sent.filter((one) => one.to === to).map((one) => one.seq);
        return order.every((number, index) => index === 0 || number > (order[index - 1] ?? 0));
      });
    }),
    { seed: 7, numRuns: 500 },
  );
});

test("it knows when the next may go, and when the next is too old", () => {
  const line = new Line();
  const now = { nowMs: 1000, monotonicMs: 5 };
  line.add(message(1, "a", 1060), now, capMs);
  line.add(message(2, "a"), now, capMs);
  line.add({ ...message(3, "b", 9_999_999), expiresAtMs: 1500 }, now, capMs);
  expect(line.nextDue()).toBe(65);
  expect(line.nextExpiry()).toBe(1500);
  expect(line.takeNext(64)).toBeUndefined();
  expect(line.takeExpired(1499)).toEqual([]);
  expect(line.takeExpired(1500)).toMatchObject([{ id: "m3" }]);
  expect(line.takeNext(65)?.id).toBe("m1");
  expect(line.takeNext(65)?.id).toBe("m2");
  expect([line.takeNext(65), line.nextDue(), line.nextExpiry()]).toEqual([undefined, undefined, undefined]);
});
