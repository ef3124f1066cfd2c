import { expect, test } from "bun:test";
import { sseFrame } from "../http/sse.ts";
import { sseAnswer } from "./sse.ts";

const headers = { pingMs: 5, onCancel: () => undefined };

test("a frame is its event's name, if it has one, its data and a blank line", () => {
  expect(sseFrame("{}")).toBe("data: {}\n\n");
  expect(sseFrame("{}", "response.created")).toBe("event: response.created\ndata: {}\n\n");
});

test("a stream on which nothing happens is pinged until something does", async () => {
  const come = Promise.withResolvers<void>();
  async function* frames() {
    await come.promise;
    yield "data: 1\n\n";
  }
  const answer = sseAnswer(frames(), headers);
  expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  const read = async () => decoder.decode((await reader?.read())?.value);
  expect(await read()).toBe(": ping\n\n");
  expect(await read()).toBe(": ping\n\n");
  come.resolve();
  let text = await read();
  while (text === ": ping\n\n") text = await read();
  expect(text).toBe("data: 1\n\n");
  expect((await reader?.read())?.done).toBe(true);
});

test("a reader that goes away is told to who makes the frames", async () => {
  let isCancelled = false;
  async function* frames() {
    yield "data: 1\n\n";
    await new Promise(() => {});
  }
  const answer = sseAnswer(frames(), { pingMs: 60_000, onCancel: () => (isCancelled = true) });
  const reader = answer.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  expect(isCancelled).toBe(true);
});
