import { expect, test } from "bun:test";
import { connect } from "@carapace/client";
import { startTestGateway } from "@carapace/gateway/testing";
import { version } from "@carapace/protocol/version";
import { talkingModel } from "../../../testing/model.ts";
import { roundTrip } from "./round-trip.ts";

const ask = { newId: () => crypto.randomUUID(), nowMs: Date.now, timeoutMs: 10_000 };
const never = new AbortController().signal;

/** A connection to a gateway whose model treats every message as this one. */
async function connected(word: string) {
  await using opened = new AsyncDisposableStack();
  const running = opened.use(await startTestGateway({ providers: [talkingModel(word)] }));
  const connection = await connect({
    url: running.gateway.url,
    client: { id: "cli", mode: "cli", version, platform: "linux" },
    scopes: ["operator.write"],
    auth: { token: running.token },
  });
  if (!connection.ok) throw new Error(connection.say);
  opened.use(connection.value);
  const link = opened.use(await running.connect());
  const held = opened.move();
  return { connection: connection.value, link, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

test("a reply that does not come in time stops the run", async () => {
  await using at = await connected("quiet");
  const outcome = await roundTrip(at.connection, { ...ask, timeoutMs: 300, signal: never });
  expect(outcome).toMatchObject({ kind: "late", model: "offline:basic" });
  const [started] = at.link.events("agent");
  expect(await at.link.ended(String(started?.["runId"]))).toMatchObject({ state: "aborted" });
});

test("being told to stop stops the run, and is thrown on", async () => {
  await using at = await connected("quiet");
  const stop = new AbortController();
  const going = roundTrip(at.connection, { ...ask, signal: stop.signal });
  const { runId } = await at.link.event("agent", ({ stream }) => stream === "started");
  stop.abort();
  await expect(going).rejects.toBe(stop.signal.reason);
  expect(await at.link.ended(String(runId))).toMatchObject({ state: "aborted" });
});

test("each message has a session of its own", async () => {
  await using at = await connected("hello");
  for (const _ of [1, 2])
    expect(await roundTrip(at.connection, { ...ask, signal: never })).toMatchObject({ kind: "answered" });
  const started = at.link.events("agent").filter(({ stream }) => stream === "started");
  expect(new Set(started.map(({ data }) => JSON.stringify(data))).size).toBe(2);
});

test("a failure is told in the gateway's words", async () => {
  await using at = await connected("fail");
  const outcome = await roundTrip(at.connection, { ...ask, signal: never });
  expect(outcome).toMatchObject({ kind: "failed", say: expect.stringContaining("The key is not accepted.") });
});
