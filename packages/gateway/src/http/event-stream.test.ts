import { expect, test } from "bun:test";
import { endingStream, isEventStream } from "./event-stream.ts";
import { createFlights } from "./flights.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** An answer that streams what the test gives it. */
function streamed() {
  const source = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>();
  const cancelled = Promise.withResolvers<unknown>();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => source.resolve(controller),
    cancel: (reason) => cancelled.resolve(reason),
  });
  const response = new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  return { response, source: source.promise, cancelled: cancelled.promise };
}

test("only a stream of events may last", () => {
  const of = (type: string) => isEventStream(new Response("", { headers: { "Content-Type": type } }));
  expect(["text/event-stream", "text/event-stream; charset=utf-8", "text/plain"].map(of)).toEqual([
    true,
    true,
    false,
  ]);
});

test("what is streamed comes through, and its end ends the flight", async () => {
  const flights = createFlights();
  const { response, source } = streamed();
  let ends = 0;
  const ending = endingStream(
    response,
    flights.begin(() => ends++),
  );
  const controller = await source;
  controller.enqueue(bytes("data: one\n\n"));
  controller.enqueue(bytes("data: two\n\n"));
  controller.close();
  expect(flights.count).toBe(1);
  expect(await ending.text()).toBe("data: one\n\ndata: two\n\n");
  await flights.landed();
  expect([flights.count, ends]).toEqual([0, 1]);
});

test("a source that fails fails the stream, and ends the flight", async () => {
  const flights = createFlights();
  const { response, source } = streamed();
  const ending = endingStream(
    response,
    flights.begin(() => undefined),
  );
  (await source).error(new Error("broken"));
  await expect(ending.text()).rejects.toThrow("broken");
  expect(flights.count).toBe(0);
});

test("a reader who takes nothing for too long is given up, and its source told", async () => {
  const flights = createFlights();
  const { response, source, cancelled } = streamed();
  const flight = flights.begin(() => undefined);
  const reader = endingStream(response, flight, 20).body?.getReader();
  (await source).enqueue(bytes("data: one\n\n"));
  await reader?.read();
  expect(await cancelled).toBe("the reader takes nothing");
  await expect(reader?.read()).rejects.toThrow("the reader takes nothing");
  expect(flights.count).toBe(0);
});
