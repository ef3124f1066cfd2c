import { afterAll, beforeAll, expect, test } from "bun:test";
import { denyMethod, type MethodName, methodAccess, methodContracts, version } from "@carapace/protocol";
import { startTestGateway, type TestGateway, type TestLink } from "../testing/index.ts";

const config = {
  agents: {
    defaults: { model: "offline:basic", models: { fast: { alias: "f", model: "offline:basic" } } },
    list: [
      { id: "helper", identity: { name: "Helper", description: "Helps" } },
      { id: "main", default: true },
    ],
  },
  models: { providers: { openai: { models: { "gpt-5.5": { label: "Five" } } } } },
};
let gateway: TestGateway;
let link: TestLink;
beforeAll(async () => {
  const replies = [{ text: "hi", usage: { inputTokens: 100, outputTokens: 20 } }];
  gateway = await startTestGateway({ config, replies });
  link = await gateway.connect();
});
afterAll(async () => {
  link[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

test("health and status say what runs", async () => {
  const health = await link.call("health");
  expect(health.payload).toMatchObject({
    status: "healthy",
    ws: { connectionCount: 1, broadcastDropTotal: 0 },
  });
  await link.call("sessions.create", { key: "one" });
  const status = await link.call("status");
  expect(status.payload).toMatchObject({
    status: "ok",
    health: "healthy",
    version,
    runtime: { name: "carapace", platform: process.platform, arch: process.arch },
    channels: { total: 1, connected: 1 },
    sessions: { recent: [{ key: "one" }] },
  });
  const info = await link.call("system.info");
  expect(info.payload).toMatchObject({
    stateDir: gateway.stateDir,
    presenceCount: 1,
    heartbeat: { enabled: false, lastTs: null },
  });
});

test("the log is read with a level, a pattern and a cursor", async () => {
  const all = await link.call("logs.tail", { pattern: "^gateway$" });
  const [entry] = Object(all.payload["entries"]);
  expect(entry).toMatchObject({ level: "info", target: "gateway", message: "gateway ready" });
  expect(entry.timestamp).toMatch(/^\d{4}-\d\d-\d\dT/);
  expect(Object(all.payload["lines"])[0]).toContain("[info] gateway: gateway ready");
  const none = await link.call("logs.tail", {
    cursor: all.payload["cursor"],
    pattern: "^gateway$",
    level: "info",
  });
  expect(none.payload).toMatchObject({ entries: [], reset: false });
  const lost = await link.call("logs.tail", { cursor: 1_000_000, limit: 1 });
  expect(lost.payload).toMatchObject({ entries: [{ level: "info" }], reset: true });
  expect(await link.call("logs.tail", { level: "loud" })).toMatchObject({
    message: "invalid log level: unknown log level: loud",
  });
  expect(await link.call("logs.tail", { pattern: "(" })).toMatchObject({
    message: "invalid logs.tail pattern regex",
  });
});

test("the log holds no token", async () => {
  await link.call("system-event", { text: `my token is ${gateway.token}` });
  const { payload } = await link.call("logs.tail", { pattern: "^system$" });
  expect(Object(payload["entries"])).toHaveLength(1);
  expect(JSON.stringify(payload)).not.toContain(gateway.token);
});

test("heartbeats are off until they are asked for", async () => {
  expect(await link.client.request("last-heartbeat")).toMatchObject({ ok: true, payload: null });
  const set = await link.call("set-heartbeats", { enabled: true, intervalMs: 5 });
  expect(set.payload).toEqual({ ok: true, enabled: true, intervalMs: 1000 });
  const beat = await link.event("heartbeat");
  expect((await link.call("last-heartbeat")).payload).toEqual({ ts: beat["ts"] });
  expect((await link.call("set-heartbeats", { enabled: false })).payload).toMatchObject({
    enabled: false,
    intervalMs: 30_000,
  });
  const older = await link.call("set-heartbeats", { enabled: false, interval: 999_999 });
  expect(older.payload).toMatchObject({ intervalMs: 300_000 });
});

test("a system event updates the presence of what it names", async () => {
  const text =
    "Node: attic (10.0.0.9) · app 1.2 · last input 30s ago · mode node · reason periodic · platform linux · instance i9";
  expect((await link.call("system-event", { text, tags: ["t"] })).payload).toEqual({ ok: true });
  await link.event("presence", (event) => JSON.stringify(event).includes("attic"));
  const frame = await link.client.request("system-presence");
  const entry = Object(frame["payload"]).find((one: { host?: string }) => one.host === "attic");
  expect(entry).toMatchObject({
    ip: "10.0.0.9",
    version: "1.2",
    lastInputSeconds: 30,
    mode: "node",
    tags: ["t"],
    text,
  });
  using reader = await gateway.connect({ scopes: ["operator.read"] });
  const seen = await reader.client.request("system-presence");
  const shown = Object(seen["payload"]).find((one: { host?: string }) => one.host === "attic");
  expect([shown.version, shown.ip, shown.instanceId]).toEqual(["1.2", undefined, undefined]);
  expect(await link.call("system-event", { text: " " })).toMatchObject({ message: "text is required" });
  expect((await link.call("system-event", { text: "x".repeat(8193) })).ok).toBe(false);
});

test("channels, models and agents are listed as configured", async () => {
  expect((await link.call("channels.status")).payload).toMatchObject({
    total: 1,
    connected: 1,
    channels: [{ id: "console", name: "Console", status: "connected" }],
  });
  expect((await link.call("models.list")).payload["models"]).toEqual([
    { id: "fast", alias: "f", label: null, provider: null, model: "offline:basic" },
    { id: "openai:gpt-5.5", alias: null, label: "Five", provider: "openai", model: "gpt-5.5" },
  ]);
  const agents = await link.call("agents.list");
  expect(agents.payload).toMatchObject({ defaultId: "main", mainKey: "main", scope: "per-sender", count: 2 });
  expect((await link.call("agent.identity.get", { agentId: "helper" })).payload).toEqual({
    agentId: "helper",
    name: "Helper",
    description: "Helps",
  });
  expect((await link.call("agent.identity.get")).payload["agentId"]).toBe("main");
  expect(await link.call("agent.identity.get", { agentId: "x" })).toMatchObject({
    code: "invalid_request",
    message: "agent not found: x",
    details: { agentId: "x" },
  });
});

test("usage is summed by day, month, model and session, and forgotten on request", async () => {
  for (const id of ["u1", "u2"]) {
    await link.call("chat.send", { message: "x", sessionKey: "spend", idempotencyKey: id });
    await link.ended(id);
  }
  const sums = { inputTokens: 200, outputTokens: 40, totalTokens: 240, requests: 2 };
  expect((await link.call("usage.status")).payload).toMatchObject({
    enabled: true,
    tracking: true,
    pricingConfigured: false,
    summary: { ...sums, totalCost: 0 },
    sessionCount: 1,
    providerCount: 1,
  });
  const cost = await link.call("usage.cost", {});
  expect(cost.payload).toMatchObject({
    days: 30,
    sessionKey: null,
    ...sums,
    byProvider: [{ provider: "offline", ...sums }],
  });
  expect(Object(cost.payload["byModel"])).toMatchObject([{ model: "offline:basic", ...sums }]);
  expect(Object(cost.payload["daily"])).toHaveLength(1);
  expect((await link.call("usage.cost", { provider: "none" })).payload["requests"]).toBe(0);
  expect((await link.call("usage.cost", { sessionKey: "spend" })).payload).toMatchObject({
    ...sums,
    byProvider: [],
    daily: [],
  });
  expect((await link.call("usage.session", { sessionKey: "spend" })).payload).toMatchObject({
    sessionKey: "spend",
    ...sums,
    cost: 0,
  });
  expect((await link.call("usage.session", { sessionKey: "x" })).payload).toMatchObject({
    requests: 0,
    firstUsedAt: null,
  });
  expect((await link.call("usage.providers")).payload["providers"]).toMatchObject([sums]);
  expect((await link.call("usage.daily", { days: 1 })).payload).toMatchObject({
    days: 1,
    summaries: [{ ...sums, byModel: [sums] }],
  });
  const months = await link.call("usage.monthly", {});
  expect(months.payload).toMatchObject({
    months: 12,
    summaries: [{ month: new Date().toISOString().slice(0, 7), ...sums }],
  });
  expect(await link.call("usage.session", {})).toMatchObject({ message: "sessionKey is required" });
  expect((await link.call("usage.reset", { sessionKey: "x" })).payload).toEqual({
    ok: true,
    reset: "none",
    reason: "session not found",
  });
  expect((await link.call("usage.reset", { sessionKey: "spend" })).payload).toEqual({
    ok: true,
    reset: "session",
    sessionKey: "spend",
  });
  expect((await link.call("usage.reset", {})).payload).toEqual({
    ok: true,
    reset: "all",
    clearedSessions: 0,
  });
});

test("usage that is switched off is not recorded", async () => {
  expect((await link.call("usage.disable")).payload).toEqual({ ok: true, enabled: false });
  await link.call("chat.send", { message: "x", sessionKey: "free", idempotencyKey: "f1" });
  await link.ended("f1");
  expect((await link.call("usage.status")).payload).toMatchObject({
    enabled: false,
    summary: { requests: 0 },
  });
  expect((await link.call("usage.enable")).payload).toEqual({ ok: true, enabled: true });
});

test("device methods refuse what is not there", async () => {
  expect((await link.call("device.pair.list")).payload).toEqual({ pending: [], paired: [] });
  for (const method of ["device.pair.approve", "device.pair.reject"] as const) {
    expect(await link.call(method, { requestId: "x" })).toMatchObject({ message: "request not found" });
    expect(await link.call(method, {})).toMatchObject({ message: "requestId is required" });
  }
  expect(await link.call("device.pair.remove", { deviceId: "x" })).toMatchObject({
    message: "unknown deviceId",
  });
  for (const method of ["device.token.rotate", "device.token.revoke"] as const) {
    expect(await link.call(method, { deviceId: "x", role: "operator" })).toMatchObject({
      message: "unknown deviceId/role",
    });
    expect(await link.call(method, { role: "operator" })).toMatchObject({ message: "deviceId is required" });
  }
});

const names = Object.keys(methodContracts) as MethodName[];
test("every method is denied without its scope", async () => {
  using nobody = await gateway.connect({ scopes: ["operator.none"] });
  using reader = await gateway.connect({ scopes: ["operator.read"] });
  const readerView = { role: "operator", scopes: ["operator.read"] } as const;
  for (const name of names) {
    const denied = await nobody.call(name, {});
    expect([name, denied.ok, denied.message]).toEqual([
      name,
      false,
      denyMethod(name, { role: "operator", scopes: ["operator.none"] })?.say,
    ]);
    if (methodAccess[name] === "read") continue;
    expect((await reader.call(name, {})).message).toBe(denyMethod(name, readerView)?.say);
  }
});

test("waking is recorded; what names no channel can be neither logged out nor sent, and that is said", async () => {
  await using gateway = await startTestGateway();
  using link = await gateway.connect();
  expect((await link.call("wake", { target: "main" })).payload).toMatchObject({ ok: true, target: "main" });
  expect((await link.call("wake")).payload).toMatchObject({ ok: true, target: null });
  const { payload } = await link.call("logs.tail", { pattern: "^system$" });
  expect(JSON.stringify(payload)).toContain("wake main");
  expect(await link.call("channels.logout", { channel: "telegram" })).toMatchObject({
    code: "invalid_request",
    message: "unknown channel",
    details: { channel: "telegram" },
  });
  expect(await link.call("channels.logout")).toMatchObject({ message: "channel is required" });
  const letter = { to: "+15551234567", message: "hello", idempotencyKey: "s1" };
  expect(await link.call("send", letter)).toMatchObject({
    code: "unavailable",
    message: 'queue failed: no channel "default" is set up',
  });
  expect(await link.call("send", { ...letter, to: " " })).toMatchObject({
    message: "to is required",
  });
});
