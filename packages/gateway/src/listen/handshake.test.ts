import { expect, test } from "bun:test";
import { challenge, introduce, plainConnect, remoteHeaders } from "./testing/client.ts";
import { testDevice } from "./testing/device.ts";
import { startTestListener, testToken } from "./testing/listener.ts";

const token = { auth: { token: testToken } };
const connect = (params: unknown) => ({ type: "req", id: "c1", method: "connect", params });

test("a local client with the gateway's token gets hello-ok, presence and a tick", async () => {
  await using gateway = await startTestListener();
  using client = await gateway.open();
  const answer = await introduce(client, { connect: token });
  expect(answer).toMatchObject({
    ok: true,
    payload: {
      type: "hello-ok",
      protocol: 3,
      server: { version: "0.0.0-test", host: "test" },
      snapshot: { presence: [], stateVersion: { presence: 0, health: 0 } },
      auth: { role: "operator", scopes: ["operator.admin"] },
      policy: {
        maxPayload: 524288,
        maxBroadcastPayload: 1048576,
        maxBufferedBytes: 1572864,
        tickIntervalMs: 30000,
      },
    },
  });
  expect(await client.event("presence")).toMatchObject({ seq: 1, stateVersion: { presence: 1, health: 0 } });
  expect(await client.event("tick")).toMatchObject({ seq: 2 });
  expect(await client.request("health")).toMatchObject({ ok: true, payload: { status: "healthy" } });
});

test("the highest protocol both sides speak is taken", async () => {
  await using gateway = await startTestListener();
  for (const [minProtocol, maxProtocol, protocol] of [
    [3, 3, 3],
    [1, 9, 4],
    [4, 4, 4],
    [3, 4, 4],
  ] as const) {
    using client = await gateway.open();
    const answer = await introduce(client, { connect: { ...token, minProtocol, maxProtocol } });
    expect(answer).toMatchObject({ ok: true, payload: { protocol } });
  }
});

/** Rows of websocket.md §3.2: what is sent first, the error it gets if any, and how the socket ends. */
const rows: readonly [string, string | object, object | undefined, number, string][] = [
  ["4 not JSON", "{", undefined, 1008, "invalid request frame"],
  ["4 not an object", "[1]", undefined, 1008, "invalid request frame"],
  ["4 null", "null", undefined, 1008, "invalid request frame"],
  ["4 other type", { type: "res", id: "c1", method: "connect" }, undefined, 1008, "invalid request frame"],
  ["4 no id", { type: "req", method: "connect" }, undefined, 1008, "invalid request frame"],
  ["4 blank id", { type: "req", id: " ", method: "connect" }, undefined, 1008, "invalid request frame"],
  ["4 number as id", { type: "req", id: 1, method: "connect" }, undefined, 1008, "invalid request frame"],
  [
    "5 too deep",
    `{"type":"req","id":"c1","method":"connect","params":${"[".repeat(40)}${"]".repeat(40)}}`,
    undefined,
    1008,
    "JSON nesting depth exceeds maximum allowed depth of 32",
  ],
  [
    "6 no method",
    { type: "req", id: "c1" },
    { message: "invalid request frame" },
    1008,
    "invalid request frame",
  ],
  [
    "6 blank method",
    { type: "req", id: "c1", method: "" },
    { message: "invalid request frame" },
    1008,
    "invalid request frame",
  ],
  [
    "7 another method",
    { type: "req", id: "c1", method: "health" },
    { message: "invalid handshake: first request must be connect" },
    1008,
    "invalid handshake: first request must be connect",
  ],
  [
    "8 no params",
    { type: "req", id: "c1", method: "connect" },
    { message: "invalid connect params" },
    1008,
    "invalid connect params",
  ],
  ["8 params an array", connect([]), { message: "invalid connect params" }, 1008, "invalid connect params"],
  [
    "8 no maxProtocol",
    connect({ minProtocol: 3 }),
    { message: "invalid connect params" },
    1008,
    "invalid connect params",
  ],
  [
    "8 protocol 0",
    connect({ ...plainConnect, minProtocol: 0 }),
    { message: "invalid connect params" },
    1008,
    "invalid connect params",
  ],
  [
    "8 unknown client",
    connect({ ...plainConnect, client: { ...plainConnect.client, id: "curl" } }),
    { message: "invalid connect params" },
    1008,
    "invalid connect params",
  ],
  [
    "8 blank version",
    connect({ ...plainConnect, client: { ...plainConnect.client, version: " " } }),
    { message: "invalid connect params" },
    1008,
    "invalid connect params",
  ],
  [
    "8 token a number",
    connect({ ...plainConnect, auth: { token: 1 } }),
    { message: "invalid connect params" },
    1008,
    "invalid connect params",
  ],
  [
    "9 protocol too new",
    connect({ ...plainConnect, minProtocol: 99, maxProtocol: 99 }),
    { message: "protocol mismatch", details: { expectedProtocol: 3 } },
    1002,
    "protocol mismatch",
  ],
  [
    "9 protocol too old",
    connect({ ...plainConnect, minProtocol: 1, maxProtocol: 2 }),
    { message: "protocol mismatch" },
    1002,
    "protocol mismatch",
  ],
  [
    "10 other role",
    connect({ ...plainConnect, ...token, role: "admin" }),
    { message: "invalid role" },
    1008,
    "invalid role",
  ],
  [
    "11 no device",
    connect(plainConnect),
    { code: "not_paired", message: "device identity required" },
    1008,
    "device identity required",
  ],
  [
    "13 wrong token",
    connect({ ...plainConnect, auth: { token: "wrong" } }),
    { message: "unauthorized: token mismatch" },
    1008,
    "unauthorized: token mismatch",
  ],
];

for (const [name, first, error, code, reason] of rows) {
  test(`row ${name} closes ${code}`, async () => {
    await using gateway = await startTestListener();
    using client = await gateway.open();
    await challenge(client);
    client.sendText(typeof first === "string" ? first : JSON.stringify(first));
    expect(await client.closed).toEqual({ code, reason });
    const answers = client.frames.filter((frame) => frame["type"] === "res");
    if (error === undefined) expect(answers).toEqual([]);
    else
      expect(answers).toMatchObject([
        { id: "c1", ok: false, error: { code: "invalid_request", retryable: false, ...error } },
      ]);
  });
}

test("row 1: a client that says nothing is closed with 1000 and no reason", async () => {
  await using gateway = await startTestListener({ limits: { handshakeTimeoutMs: 20 } });
  using client = await gateway.open();
  expect(await client.closed).toEqual({ code: 1000, reason: "" });
});

test("row 2: a binary message closes with 1008, before and after the handshake", async () => {
  await using gateway = await startTestListener();
  using early = await gateway.open();
  early.socket.send(new Uint8Array([1, 2]));
  expect(await early.closed).toEqual({ code: 1008, reason: "binary messages not supported" });
  using late = await gateway.open();
  await introduce(late, { connect: token });
  late.socket.send(new Uint8Array([1, 2]));
  expect(await late.closed).toEqual({ code: 1008, reason: "binary messages not supported" });
});

test("row 3: a first message above 524288 bytes closes with 1008", async () => {
  await using gateway = await startTestListener();
  using client = await gateway.open();
  client.sendText("x".repeat(524_289));
  expect(await client.closed).toEqual({ code: 1008, reason: "payload too large" });
});

test("row 11: a remote client needs a device even with the right token", async () => {
  await using gateway = await startTestListener();
  using client = await gateway.open(remoteHeaders);
  const answer = await introduce(client, { connect: token });
  expect(answer).toMatchObject({
    ok: false,
    error: { code: "not_paired", message: "device identity required" },
  });
});

test("row 13: a device does not stand in for a credential", async () => {
  await using gateway = await startTestListener();
  using client = await gateway.open();
  const answer = await introduce(client, { device: testDevice(1) });
  expect(answer).toMatchObject({ ok: false, error: { message: "unauthorized: token missing" } });
  expect(await client.closed).toEqual({ code: 1008, reason: "unauthorized: token missing" });
});

test("the control page may do without a device only where the owner said so", async () => {
  const page = { ...plainConnect.client, id: "carapace-control-ui" } as const;
  const controlUi = { allowInsecureAuth: true, dangerouslyDisableDeviceAuth: false };
  await using gateway = await startTestListener({ controlUi });
  using allowed = await gateway.open(remoteHeaders);
  expect(await introduce(allowed, { connect: { client: page, ...token } })).toMatchObject({ ok: true });
  using other = await gateway.open(remoteHeaders);
  expect(await introduce(other, { connect: token })).toMatchObject({ ok: false });
  using bare = await gateway.open(remoteHeaders);
  expect(await introduce(bare, { connect: { client: page } })).toMatchObject({
    error: { message: "device identity required" },
  });
});

test("requests sent before the handshake is answered are handled after it; too many end it", async () => {
  await using gateway = await startTestListener();
  using client = await gateway.open();
  await challenge(client);
  client.send(connect({ ...plainConnect, ...token }));
  client.send({ type: "req", id: "h1", method: "health" });
  expect(await client.next((frame) => frame["id"] === "h1")).toMatchObject({ ok: true });
  const ids = client.frames.filter((frame) => frame["type"] === "res").map((frame) => frame["id"]);
  expect(ids).toEqual(["c1", "h1"]);
});

test("a fault of the gateway's own during a handshake is logged and tells the client nothing", async () => {
  await using gateway = await startTestListener({
    health: () => {
      throw new Error("secret inner state");
    },
  });
  using client = await gateway.open();
  await challenge(client);
  client.send(connect({ ...plainConnect, ...token }));
  expect(await client.closed).toEqual({ code: 1011, reason: "handshake failed" });
  expect(gateway.faults).toHaveLength(1);
});
