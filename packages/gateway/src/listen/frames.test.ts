import { expect, test } from "bun:test";
import { ok } from "@carapace/protocol";
import { introduce, type TestClient } from "./testing/client.ts";
import { startTestListener, type TestListener, testToken } from "./testing/listener.ts";
import { frame, openRaw, upgradeRequest } from "./testing/raw.ts";

async function operator(gateway: TestListener, scopes?: string[]): Promise<TestClient> {
  const client = await gateway.open();
  await introduce(client, {
    connect: { auth: { token: testToken }, ...(scopes === undefined ? {} : { scopes }) },
  });
  return client;
}

const health = { type: "req", id: "h", method: "health" };

test("after the handshake, a frame nobody can be answered for closes with 1008", async () => {
  await using gateway = await startTestListener();
  for (const text of [
    "",
    "{",
    "[]",
    "1",
    '{"type":"event","id":"a","method":"health"}',
    '{"type":"req","method":"health"}',
    '{"type":"req","id":" ","method":"health"}',
  ]) {
    using client = await operator(gateway);
    client.sendText(text);
    expect(await client.closed).toEqual({ code: 1008, reason: "invalid request frame" });
  }
});

test("a bad method, a second connect, an unknown and a later method are answered; the socket stays", async () => {
  await using gateway = await startTestListener();
  using client = await operator(gateway);
  client.send({ type: "req", id: "m", method: "" });
  const bad = await client.next((frame) => frame["id"] === "m");
  const message = (text: string) => ({
    ok: false,
    error: { code: "invalid_request", message: text, retryable: false },
  });
  expect(bad).toMatchObject(message("invalid request frame"));
  expect(await client.request("connect", {})).toMatchObject(message("connect already completed"));
  expect(await client.request("no.such")).toMatchObject({
    error: { message: "unknown method", details: { method: "no.such" } },
  });
  expect(await client.request("toString")).toMatchObject(message("unknown method"));
  expect(await client.request("tts.speak")).toMatchObject({
    error: { code: "invalid_request", details: { method: "tts.speak", reason: "not_in_this_version" } },
  });
  expect(await client.request("health")).toMatchObject({ ok: true });
});

test("scopes are checked before params, and a node may call nothing of an operator's", async () => {
  await using gateway = await startTestListener();
  using reader = await operator(gateway, ["operator.read"]);
  expect(await reader.request("chat.send", {})).toMatchObject({
    error: {
      message: "method 'chat.send' requires 'operator.write' scope",
      details: { required_scope: "operator.write" },
    },
  });
  expect(await reader.request("chat.history", {})).toMatchObject({ ok: false });
  using node = await gateway.open();
  await introduce(node, { connect: { auth: { token: testToken }, role: "node" } });
  expect(await node.request("health")).toMatchObject({ error: { details: { connection_role: "node" } } });
});

test("524288 bytes are read, 524289 are not; bytes count, not characters", async () => {
  await using gateway = await startTestListener();
  const padded = (bytes: number) => {
    const text = JSON.stringify({ ...health, pad: "" });
    return text.replace(
      '"pad":""',
      `"pad":"${"é".repeat((bytes - text.length) >> 1)}${"x".repeat((bytes - text.length) & 1)}"`,
    );
  };
  using client = await operator(gateway);
  client.sendText(padded(524_288));
  expect(await client.next((answer) => answer["id"] === "h")).toMatchObject({ ok: true });
  client.sendText(padded(524_289));
  expect(await client.closed).toEqual({ code: 1008, reason: "payload too large" });
});

test("a WebSocket message above 528384 bytes closes with 1009", async () => {
  await using gateway = await startTestListener();
  using client = await operator(gateway);
  client.sendText("x".repeat(528_385));
  expect(await client.closed).toMatchObject({ code: 1009 });
});

test("32 levels of nesting are read, 33 close with the limit's name", async () => {
  await using gateway = await startTestListener();
  // The frame is the first level, `params` the second; the innermost array is empty.
  const nested = (levels: number) =>
    `{"type":"req","id":"h","method":"health","params":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;
  using client = await operator(gateway);
  client.sendText(nested(32));
  expect(await client.next((answer) => answer["id"] === "h")).toMatchObject({ ok: true });
  client.sendText(nested(33));
  expect(await client.closed).toEqual({
    code: 1008,
    reason: "JSON nesting depth exceeds maximum allowed depth of 32",
  });
});

test("half a million brackets close one socket and hurt nobody else", async () => {
  await using gateway = await startTestListener();
  using other = await operator(gateway);
  using client = await operator(gateway);
  client.sendText(
    `{"type":"req","id":"h","method":"health","params":${"[".repeat(250_000)}${"]".repeat(250_000)}}`,
  );
  expect(await client.closed).toMatchObject({ code: 1008 });
  expect(await other.request("health")).toMatchObject({ ok: true });
});

test("the burst passes, two requests are refused, the third refusal closes", async () => {
  await using gateway = await startTestListener({ nowMs: () => 1_700_000_000_000 });
  using client = await operator(gateway);
  for (let count = 0; count < 123; count += 1) client.send({ ...health, id: `h${count}` });
  expect(await client.closed).toEqual({ code: 1008, reason: "rate limit exceeded" });
  const answers = client.frames.filter(({ id }) => String(id).startsWith("h"));
  expect(answers.filter(({ ok: isOk }) => isOk === true)).toHaveLength(120);
  expect(answers.slice(120)).toMatchObject([
    { id: "h120", error: { code: "rate_limited", message: "rate limit exceeded", retryable: true } },
    { id: "h121", error: { code: "rate_limited" } },
  ]);
});

test("a slow request does not hold up those after it, and 64 may run at once", async () => {
  const release = Promise.withResolvers<void>();
  await using gateway = await startTestListener({
    methods: {
      "models.list": async () => {
        await release.promise;
        return ok({ models: [] });
      },
    },
  });
  using client = await operator(gateway);
  for (let count = 0; count < 65; count += 1)
    client.send({ type: "req", id: `s${count}`, method: "models.list" });
  expect(await client.request("health")).toMatchObject({ error: { code: "unavailable", retryable: true } });
  expect(client.frames.filter(({ id }) => String(id).startsWith("s"))).toMatchObject([
    { id: "s64", error: { code: "unavailable" } },
  ]);
  release.resolve();
  expect(await client.next(({ id }) => id === "s0")).toMatchObject({ ok: true });
  expect(await client.request("health")).toMatchObject({ ok: true });
});

test("a request's signal fires when its connection closes", async () => {
  const fired = Promise.withResolvers<void>();
  await using gateway = await startTestListener({
    methods: {
      "models.list": async ({ signal }) => {
        await new Promise<void>((done) => signal.addEventListener("abort", () => done()));
        fired.resolve();
        return ok({ models: [] });
      },
    },
  });
  using client = await operator(gateway);
  client.send({ type: "req", id: "s", method: "models.list" });
  await client.request("health");
  client.socket.close();
  await fired.promise;
});

test("a handler's fault is logged and answered without its text", async () => {
  await using gateway = await startTestListener({
    methods: {
      "models.list": () => {
        throw new Error("inner secret");
      },
      "agents.list": async () => {
        throw new Error("inner secret");
      },
    },
  });
  using client = await operator(gateway);
  for (const method of ["models.list", "agents.list"]) {
    const answer = await client.request(method);
    expect(answer).toMatchObject({ ok: false, error: { code: "unavailable", retryable: true } });
    expect(JSON.stringify(answer)).not.toContain("inner secret");
  }
  expect(gateway.faults).toHaveLength(2);
});

test("an answer that could never be queued is refused instead", async () => {
  await using gateway = await startTestListener({
    methods: {
      "models.list": () =>
        ok({
          models: [{ id: "x".repeat(1_572_864), alias: null, label: null, provider: null, model: null }],
        }),
    },
  });
  using client = await operator(gateway);
  expect(await client.request("models.list")).toMatchObject({ error: { code: "unavailable" } });
});

test("the door: version, verb, key, origin and upgrade are checked before anything is promised", async () => {
  await using gateway = await startTestListener();
  const status = async (request: string) => {
    using raw = await openRaw(gateway.listener.port);
    raw.write(request);
    await raw.until("\r\n\r\n");
    return Number(raw.received().split(" ")[1]);
  };
  expect(await status(upgradeRequest())).toBe(101);
  expect(await status(upgradeRequest({ version: "12" }))).toBe(426);
  expect(await status(upgradeRequest({ method: "POST" }))).toBe(405);
  expect(await status(upgradeRequest({ key: "abc" }))).toBe(400);
  expect(await status(upgradeRequest({ headers: "Origin: https://evil.example\r\n" }))).toBe(403);
  expect(await status("GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n")).toBe(426);
  expect(await status("GET /ws HTTP/1.1\r\n\r\n")).toBe(400);
  expect(await status("\u0000\u0001\r\n\r\n")).toBe(400);
  expect(await status(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"a".repeat(100_000)}\r\n\r\n`)).toBe(431);
});

test("a ping is answered with its own payload, before the handshake too", async () => {
  await using gateway = await startTestListener();
  using raw = await openRaw(gateway.listener.port);
  raw.write(upgradeRequest());
  await raw.until("connect.challenge");
  raw.write(frame(9, "are you there"));
  await raw.until("\u008a\u000dare you there");
});

test("malformed WebSocket bytes end their own socket only", async () => {
  await using gateway = await startTestListener();
  using other = await operator(gateway);
  const unmasked = Uint8Array.from([0x81, 2, 0x7b, 0x7d]);
  for (const bytes of [
    unmasked,
    frame(1, Uint8Array.from([0xff, 0xfe])),
    frame(0x41, "{}"),
    frame(3, "{}"),
  ]) {
    using raw = await openRaw(gateway.listener.port);
    raw.write(upgradeRequest());
    await raw.until("connect.challenge");
    raw.write(bytes);
    await raw.ended;
  }
  expect(await other.request("health")).toMatchObject({ ok: true });
});

test("above the cap, an upgrade is answered 503 with a sentence; a place left is a place free", async () => {
  await using gateway = await startTestListener({ limits: { maxConnections: 2 } });
  using first = await gateway.open();
  using second = await gateway.open();
  using raw = await openRaw(gateway.listener.port);
  raw.write(upgradeRequest());
  await raw.until('{"error":"connection limit reached"}');
  expect(raw.received()).toStartWith("HTTP/1.1 503");
  first.socket.close();
  await first.closed;
  second.socket.close();
  await second.closed;
  using third = await gateway.open();
  expect(await third.event("connect.challenge")).toMatchObject({ event: "connect.challenge" });
});
