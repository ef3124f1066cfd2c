import { expect, test } from "bun:test";
import { createEventQueue } from "./event-queue.ts";
import type { ReplyEvent } from "./types.ts";

const stop: ReplyEvent = { kind: "stop", finish: "stop", usage: { inputTokens: 0, outputTokens: 0 } };

async function all(events: AsyncIterable<ReplyEvent>): Promise<ReplyEvent[]> {
  return await Array.fromAsync(events);
}

test("a reader far behind gets all of the text, in few pieces", async () => {
  const queue = createEventQueue();
  for (let index = 0; index < 10_000; index += 1) queue.push({ kind: "text", delta: "ab" });
  queue.push(stop);
  const events = await all(queue);
  expect(events.length).toBeLessThan(70);
  const text = events.map((event) => (event.kind === "text" ? event.delta : "")).join("");
  expect(text).toBe("ab".repeat(10_000));
});

test("it ends with the reply's end, and with a close", async () => {
  const ended = createEventQueue();
  ended.push(stop);
  ended.push({ kind: "text", delta: "late" });
  expect(await all(ended)).toEqual([stop]);
  const closed = createEventQueue();
  const reading = all(closed);
  closed.close();
  closed.push(stop);
  expect(await reading).toEqual([]);
});
