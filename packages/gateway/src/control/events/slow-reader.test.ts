import { expect, test } from "bun:test";
import { defaultLimits } from "../../connection/limits.ts";
import { startTestListener, testToken } from "../../listen/testing/listener.ts";
import { openRaw } from "../../listen/testing/raw.ts";
import { readEvents } from "../testing/events.ts";
import { eventsRoute } from "./route.ts";
import { createEventStreams } from "./streams.ts";

const path = "/control/events?events=voicewake.changed,heartbeat";
/** More than what the system keeps for a socket on both ends, and the queue behind it. */
const enough = 400;
const big = { triggers: ["x".repeat(60_000)] };

test("a peer that stops reading is dropped; another one goes on and misses nothing", async () => {
  await using gateway = await startTestListener();
  using streams = createEventStreams({
    ...{ hub: gateway.hub, nowMs: Date.now, newId: () => crypto.randomUUID(), limits: defaultLimits },
  });
  gateway.listener.serve([eventsRoute(streams)]);
  const headers = { Authorization: `Bearer ${testToken}` };
  const fast = readEvents((await fetch(gateway.http + path, { headers })).body);
  using slow = await openRaw(gateway.listener.port);
  slow.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${testToken}\r\n\r\n`);
  await slow.until("retry: 3000");
  slow.socket.pause();
  expect(gateway.hub.counters().connectionCount).toBe(2);
  let sent = 0;
  while (gateway.hub.counters().connectionCount === 2 && sent < enough) {
    gateway.hub.publish("voicewake.changed", { ...big, ts: ++sent });
    await fast.next(({ data }) => data.includes(`"ts":${sent}`));
  }
  expect(sent).toBeLessThan(enough);
  expect(gateway.hub.counters().connectionCount).toBe(1);
  gateway.hub.publish("heartbeat", { ts: 4711 });
  await fast.next(({ event, data }) => event === "heartbeat" && data.includes("4711"));
  await fast.cancel();
}, 20_000);
