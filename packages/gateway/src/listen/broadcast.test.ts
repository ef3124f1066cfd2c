import { expect, test } from "bun:test";
import { isRecord, ok } from "@carapace/protocol";
import { introduce, type TestClient } from "./testing/client.ts";
import { startTestListener, type TestListener, testToken } from "./testing/listener.ts";
import { frame, openRaw, upgradeRequest } from "./testing/raw.ts";

async function connected(gateway: TestListener, scopes: string[], role = "operator"): Promise<TestClient> {
  const client = await gateway.open();
  await introduce(client, { connect: { auth: { token: testToken }, role, scopes } });
  return client;
}

const text = (delta: string) => ({ runId: "r", seq: 0, ts: 1, stream: "text" as const, data: { delta } });
const names = (client: TestClient) =>
  client.frames.flatMap(({ event }) => (event === undefined ? [] : [event]));

test("an event reaches those whose scopes allow it, and nobody else", async () => {
  await using gateway = await startTestListener();
  using admin = await connected(gateway, ["operator.admin"]);
  using reader = await connected(gateway, ["operator.read"]);
  using pairer = await connected(gateway, ["operator.pairing"]);
  using node = await connected(gateway, [], "node");
  gateway.hub.publish("agent", text("hello"));
  gateway.hub.publish("node.pair.resolved", { requestId: "q", nodeId: "n", decision: "approved", ts: 1 });
  gateway.hub.publish("heartbeat", { ts: 1 });
  gateway.hub.publish("shutdown", { reason: "test", reasonTruncated: false });
  const mine = async (client: TestClient) => {
    await client.event("shutdown");
    return names(client).filter((name) => !["connect.challenge", "tick", "presence"].includes(String(name)));
  };
  expect(await mine(admin)).toEqual(["agent", "node.pair.resolved", "heartbeat", "shutdown"]);
  expect(await mine(reader)).toEqual(["agent", "heartbeat", "shutdown"]);
  expect(await mine(pairer)).toEqual(["node.pair.resolved", "heartbeat", "shutdown"]);
  expect(await mine(node)).toEqual(["shutdown"]);
  expect(names(node)).toContain("tick");
  expect(names(node)).not.toContain("presence");
});

test("every event has a seq of its own, rising over all connections; only some tell the state version", async () => {
  await using gateway = await startTestListener();
  using client = await connected(gateway, ["operator.admin"]);
  gateway.hub.publish("heartbeat", { ts: 1 });
  gateway.hub.publish("heartbeat", { ts: 2 });
  await client.next(
    ({ event, payload }) => event === "heartbeat" && isRecord(payload) && payload["ts"] === 2,
  );
  const events = client.frames.filter(({ event }) => event !== undefined && event !== "connect.challenge");
  const seqs = events.map(({ seq }) => Number(seq));
  expect(seqs).toEqual([...seqs].sort((one, other) => one - other));
  expect(new Set(seqs).size).toBe(seqs.length);
  for (const { event, stateVersion } of events) expect(stateVersion !== undefined).toBe(event === "presence");
});

test("presence names addresses and scopes to admins only", async () => {
  await using gateway = await startTestListener();
  using admin = await connected(gateway, ["operator.admin"]);
  using reader = await connected(gateway, ["operator.read"]);
  const both = ({ event, payload }: Record<string, unknown>) =>
    event === "presence" &&
    isRecord(payload) &&
    Array.isArray(payload["presence"]) &&
    payload["presence"].length === 2;
  const seen = [JSON.stringify(await admin.next(both)), JSON.stringify(await reader.next(both))];
  expect(seen[0]).toContain('"scopes":["operator.read"]');
  expect(seen[1]).not.toContain("scopes");
  reader.socket.close();
  const alone = await admin.next(
    (one) =>
      admin.frames.indexOf(one) > admin.frames.findIndex(both) && one["event"] === "presence" && !both(one),
  );
  expect(alone).toMatchObject({ payload: { presence: [{ scopes: ["operator.admin"] }] } });
});

test("an agent event above a mebibyte is cut, any other replaced by state.drop with its seq", async () => {
  await using gateway = await startTestListener();
  using client = await connected(gateway, ["operator.admin"]);
  gateway.hub.publish("agent", text("x".repeat(1_048_576)));
  expect(await client.event("agent")).toMatchObject({
    payload: {
      runId: "r",
      stream: "text",
      truncated: true,
      reason: "agent broadcast payload exceeded websocket frame cap",
      data: { truncated: true, originalFrameBytesAtLeast: 1_048_577, maxFrameBytes: 1_048_576 },
    },
  });
  gateway.hub.publish("chat", {
    runId: "r",
    sessionKey: "s",
    seq: 1,
    state: "delta",
    message: { content: "x".repeat(1_048_576) },
  });
  expect(await client.event("state.drop")).toMatchObject({
    payload: {
      dropped: true,
      event: "chat",
      payloadClass: "broadcast",
      reason: "payload_too_large",
      reasonTruncated: false,
      resyncRequired: true,
    },
    stateVersion: { presence: 1 },
  });
  expect(gateway.hub.counters().broadcastDropTotal).toBe(2);
});

test("presence too big to send becomes state.drop for each of its two audiences, and nobody is kept out", async () => {
  await using gateway = await startTestListener();
  const long = "x".repeat(60_000);
  const client = { id: "test", version: "1", platform: "p", mode: "test", displayName: long } as const;
  const open: TestClient[] = [];
  const readers = Array.from({ length: 19 }, () => ["operator.read"]);
  for (const scopes of [["operator.admin"], ...readers]) {
    const one = await gateway.open();
    open.push(one);
    expect(await introduce(one, { connect: { auth: { token: testToken }, client, scopes } })).toMatchObject({
      ok: true,
    });
  }
  const [admin, reader] = open;
  expect(await admin?.event("state.drop")).toMatchObject({
    payload: { event: "presence", payloadClass: "admin" },
  });
  expect(await reader?.event("state.drop")).toMatchObject({
    payload: { event: "presence", payloadClass: "operator" },
  });
  for (const one of open) one.socket.close();
});

test("closeWhere closes the connections it picks and counts them", async () => {
  await using gateway = await startTestListener();
  using admin = await connected(gateway, ["operator.admin"]);
  using reader = await connected(gateway, ["operator.read"]);
  const count = gateway.hub.closeWhere(({ scopes }) => scopes.includes("operator.read"), {
    code: 1008,
    reason: "test",
  });
  expect(count).toBe(1);
  expect(await reader.closed).toEqual({ code: 1008, reason: "test" });
  expect(await admin.request("health")).toMatchObject({ payload: { ws: { connectionCount: 1 } } });
});

/** A connected operator who never reads what it is sent. */
async function deafOperator(gateway: TestListener) {
  const raw = await openRaw(gateway.listener.port);
  raw.write(upgradeRequest());
  await raw.until("connect.challenge");
  const params = {
    minProtocol: 3,
    maxProtocol: 3,
    client: { id: "test", version: "1", platform: "p", mode: "test" },
    auth: { token: testToken },
  };
  raw.write(frame(1, JSON.stringify({ type: "req", id: "c", method: "connect", params })));
  await raw.until('"event":"tick"');
  raw.socket.pause();
  return raw;
}

test("a client that never reads is closed and counted, the others are told, and memory stays bounded", async () => {
  await using gateway = await startTestListener({ limits: { messageRate: 1e9, messageBurst: 1e9 } });
  using deaf = await deafOperator(gateway);
  using admin = await connected(gateway, ["operator.admin"]);
  expect(gateway.hub.counters().connectionCount).toBe(2);
  const before = process.memoryUsage().rss;
  let sent = 0;
  while (gateway.hub.counters().connectionCount === 2 && sent < 400) {
    gateway.hub.publish("agent", text("x".repeat(100_000)));
    sent += 1;
    await admin.request("health");
  }
  expect(sent).toBeLessThan(400);
  expect(gateway.hub.counters()).toEqual({ connectionCount: 1, broadcastDropTotal: 1 });
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  expect(deaf.socket.isPaused()).toBe(true);
});

test("a client that asks and never reads is closed when its answers fill the queue", async () => {
  const models = [{ id: "x".repeat(100_000), alias: null, label: null, provider: null, model: null }];
  await using gateway = await startTestListener({
    limits: { messageRate: 1e9, messageBurst: 1e9 },
    methods: { "models.list": () => ok({ models }) },
  });
  using deaf = await deafOperator(gateway);
  using admin = await connected(gateway, ["operator.admin"]);
  const ask = frame(1, JSON.stringify({ type: "req", id: "m", method: "models.list" }));
  for (let count = 0; count < 400 && gateway.hub.counters().connectionCount === 2; count += 1) {
    deaf.write(ask);
    await admin.request("health");
  }
  expect(gateway.hub.counters()).toEqual({ connectionCount: 1, broadcastDropTotal: 1 });
});

test("a flood of strangers who never introduce themselves leaves room for the owner and then is gone", async () => {
  await using gateway = await startTestListener({ limits: { maxConnections: 60, handshakeTimeoutMs: 100 } });
  const strangers = await Promise.all(Array.from({ length: 59 }, () => gateway.open()));
  using owner = await connected(gateway, ["operator.admin"]);
  expect(await owner.request("health")).toMatchObject({ ok: true });
  const ends = await Promise.all(strangers.map(({ closed }) => closed));
  expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([1000]));
});
