import { expect, test } from "bun:test";
import { createHub } from "../../connection/hub.ts";
import { describePeer } from "../../listen/peer.ts";
import { readEvents } from "../testing/events.ts";
import { createEventStreams, type EventStreamDeps } from "./streams.ts";

const small = { maxBufferedFrames: 4, maxBufferedBytes: 10_000 };
const tick = (ts: number) => ({ ts });

function opened(options: Partial<EventStreamDeps> = {}) {
  const hub = createHub({ nowMs: () => 1 });
  let ids = 0;
  const streams = createEventStreams({
    ...{ hub, nowMs: () => 1, limits: { maxBufferedFrames: 100, maxBufferedBytes: 100_000 } },
    newId: () => `reader-${++ids}`,
    ...options,
  });
  const open = (query = "", init: RequestInit = {}) => {
    const url = new URL(`http://localhost/control/events${query}`);
    const request = new Request(url.href, { ...init, headers: { host: "localhost" } });
    return streams.open({ request, url, peer: describePeer("127.0.0.1", request.headers) });
  };
  const count = () => hub.counters().connectionCount;
  return { hub, streams, open, count };
}

test("a reader gets every event as the frame that WebSocket clients get", async () => {
  const { hub, open } = opened();
  using _hub = hub;
  const response = open();
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const events = readEvents(response.body);
  hub.publish("heartbeat", tick(7));
  hub.publish("device.pair.resolved", { requestId: "r", deviceId: "d", decision: "approved", ts: 8 });
  const { data } = await events.next(({ event }) => event === "heartbeat");
  expect(JSON.parse(data)).toMatchObject({ type: "event", event: "heartbeat", payload: { ts: 7 } });
  await events.next(({ event }) => event === "device.pair.resolved");
  await events.cancel();
});

test("only events that were asked for are sent, and one that does not exist is refused", async () => {
  const { hub, streams, open } = opened();
  using _hub = hub;
  const events = readEvents(open("?events=heartbeat,%20health").body);
  hub.publish("config.changed", { mode: "hot", ts: 1 });
  hub.publish("heartbeat", tick(1));
  streams.end("over");
  const named = (await events.rest()).map(({ event }) => event).filter((event) => event !== "");
  expect(named).toEqual(["heartbeat", "stream.closed"]);
  for (const query of ["?events=nonsense", "?events=", "?events=tick,__proto__"])
    expect(open(query).status).toBe(400);
});

test("who does not read is dropped with a last event, and counts no more", async () => {
  const { hub, open, count } = opened({ limits: small });
  using _hub = hub;
  const response = open();
  expect(count()).toBe(1);
  for (let n = 0; n < 20; n += 1) hub.publish("heartbeat", tick(n));
  const rest = await readEvents(response.body).rest();
  expect(rest.at(-1)).toEqual({ event: "stream.closed", data: '{"reason":"slow_reader"}' });
  expect(rest.length).toBeLessThan(8);
  expect(count()).toBe(0);
  expect(hub.counters().broadcastDropTotal).toBeGreaterThan(0);
});

test("one event larger than the queue drops its reader, not the others", async () => {
  const { hub, open, streams } = opened({ limits: { maxBufferedFrames: 9, maxBufferedBytes: 2000 } });
  using _hub = hub;
  const all = readEvents(open().body);
  const some = readEvents(open("?events=heartbeat").body);
  const presence = Array.from({ length: 40 }, (_, n) => ({ ts: 1, host: `host-${n}-${"x".repeat(60)}` }));
  for (const [n, { host }] of presence.entries()) hub.announce(`k${n}`, { host });
  hub.publish("voicewake.changed", { triggers: ["x".repeat(3000)] });
  hub.publish("heartbeat", tick(1));
  streams.end("over");
  expect((await all.rest()).at(-1)?.data).toContain("slow_reader");
  expect((await some.rest()).map(({ event }) => event)).toEqual(["", "heartbeat", "stream.closed"]);
});

test("a reader that goes away leaves its place to another", async () => {
  const { hub, open, count } = opened({ maxStreams: 1 });
  using _hub = hub;
  const first = open();
  const refused = open();
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
  await first.body?.cancel();
  expect(count()).toBe(0);
  const gone = new AbortController();
  expect(open("", { signal: gone.signal }).status).toBe(200);
  gone.abort();
  await Promise.resolve();
  expect(count()).toBe(0);
  expect(open().status).toBe(200);
});

test("comments say that the line is alive; HEAD opens nothing", async () => {
  const { hub, open, count } = opened({ pingMs: 1 });
  using _hub = hub;
  expect([open("", { method: "HEAD" }).body, count()]).toEqual([null, 0]);
  const events = readEvents(open("?events=shutdown").body);
  expect((await events.next(({ event }) => event === "comment")).data).toBe(": ping");
  await events.cancel();
});

test("when it is over all are told, and nobody new is taken in", async () => {
  const { hub, streams, open, count } = opened();
  using _hub = hub;
  const readers = [open(), open()].map((response) => readEvents(response.body));
  streams.end("gateway stopping");
  for (const events of readers)
    expect((await events.rest()).at(-1)).toEqual({
      event: "stream.closed",
      data: '{"reason":"gateway stopping"}',
    });
  expect([open().status, count()]).toEqual([503, 0]);
});
