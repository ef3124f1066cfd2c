import { describe, expect, test } from "bun:test";
import type { GatewayEvent, Result } from "@carapace/protocol";
import { connect } from "./connect.ts";
import { withPatience } from "./patience.ts";
import {
  health,
  hello,
  type PeerRequest,
  type PeerScript,
  type PeerSocket,
  startPeer,
} from "./testing/peer.ts";

const client = { id: "cli", mode: "cli", version: "0.1.0", platform: "linux" } as const;

/** A connection to a scripted gateway; closes both. */
async function connected(script: PeerScript) {
  const peer = startPeer(script);
  const result = await connect({ url: peer.url, client, scopes: ["operator.read"] });
  if (!result.ok) throw new Error(result.say);
  const connection = result.value;
  return {
    connection,
    async [Symbol.asyncDispose]() {
      await connection[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
    },
  };
}

const healthy = (request: PeerRequest, socket: PeerSocket): void => socket.answer(request, health);

describe("calls", () => {
  test("an answer is read as its method's result", async () => {
    await using open = await connected({ onRequest: healthy });
    expect(await open.connection.request("health", {})).toMatchObject({
      ok: true,
      value: { status: "healthy" },
    });
  });

  test("answers find their calls in any order", async () => {
    const held: PeerRequest[] = [];
    await using open = await connected({
      onRequest: (request, socket) => {
        held.push(request);
        if (held.length < 3) return;
        for (const one of held.toReversed())
          socket.answer(one, { key: (one.params as { key: string }).key, value: one.id });
      },
    });
    const keys = ["a", "b", "c"];
    const answers = await Promise.all(keys.map((key) => open.connection.request("config.get", { key })));
    expect(answers.map((answer) => answer.ok && "key" in answer.value && answer.value.key)).toEqual(keys);
    expect(new Set(held.map(({ id }) => id)).size).toBe(3);
  });

  test("a refusal keeps its code, words and details", async () => {
    const error = {
      code: "invalid_request",
      message: "Session not found: x",
      retryable: false,
      details: { a: 1 },
    };
    await using open = await connected({ onRequest: (request, socket) => socket.refuse(request, error) });
    expect(await open.connection.request("chat.history", { sessionKey: "x" })).toEqual({
      ok: false,
      code: "invalid_request",
      say: "Session not found: x",
      details: { a: 1 },
    });
  });

  test("a call without an answer ends in time, and its late answer is dropped", async () => {
    const asked = Promise.withResolvers<[PeerRequest, PeerSocket]>();
    await using open = await connected({
      onRequest: (request, socket) =>
        request.method === "status" ? asked.resolve([request, socket]) : healthy(request, socket),
    });
    const late = await open.connection.request("status", {}, { timeoutMs: 20 });
    expect(late).toMatchObject({ ok: false, code: "unavailable" });
    const [request, socket] = await asked.promise;
    socket.answer(request, { late: true });
    expect((await open.connection.request("health", {})).ok).toBe(true);
  });

  test("an abort ends a call, before it is sent too", async () => {
    let asked = 0;
    const abort = new AbortController();
    await using open = await connected({
      onRequest: () => {
        asked += 1;
        abort.abort();
      },
    });
    const limits = { signal: abort.signal };
    expect((await open.connection.request("health", {}, limits)).ok).toBe(false);
    expect((await open.connection.request("health", {}, limits)).ok).toBe(false);
    expect(asked).toBe(1);
  });

  test("a request larger than the gateway takes is not sent", async () => {
    const onConnect = (request: PeerRequest, socket: PeerSocket): void =>
      socket.answer(request, { ...hello, policy: { ...hello.policy, maxPayload: 1000 } });
    await using open = await connected({ onConnect, onRequest: healthy });
    const message = "é".repeat(500);
    const sent = await open.connection.request("chat.send", { message, idempotencyKey: "k" });
    expect(sent).toMatchObject({ ok: false, code: "invalid_request" });
    expect((await open.connection.request("health", {})).ok).toBe(true);
  });

  test("when the connection is lost, calls under way and later ones are refused", async () => {
    await using open = await connected({
      onRequest: (_request, socket) => socket.close(1008, "slow consumer"),
    });
    const lost = await open.connection.request("health", {});
    expect(lost).toMatchObject({ ok: false, code: "unavailable" });
    if (!lost.ok) expect(lost.say).toContain("slow consumer");
    expect(await open.connection.closed).toEqual({ code: 1008, reason: "slow consumer" });
    expect((await open.connection.request("health", {})).ok).toBe(false);
  });
});

describe("events", () => {
  test("those that arrive with the hello wait for the first listener", async () => {
    await using open = await connected({
      onConnect: (request, socket) => {
        socket.answer(request, hello);
        socket.event("tick", { ts: 1 });
        socket.event("tick", { ts: 2 });
      },
    });
    const second = Promise.withResolvers<void>();
    const heard: GatewayEvent[] = [];
    open.connection.onEvent((event) => {
      if (heard.push(event) === 2) second.resolve();
    });
    await second.promise;
    expect(heard).toEqual([
      { event: "tick", payload: { ts: 1 } },
      { event: "tick", payload: { ts: 2 } },
    ]);
  });

  test("a listener that left hears nothing more, the others do", async () => {
    await using open = await connected({
      onRequest: (request, socket) => {
        socket.event("tick", { ts: 1 });
        healthy(request, socket);
      },
    });
    const heard: string[] = [];
    const leave = open.connection.onEvent(() => heard.push("first"));
    open.connection.onEvent(() => heard.push("second"));
    leave();
    await open.connection.request("health", {});
    expect(heard).toEqual(["second"]);
  });

  test("unknown events and payloads of another shape are left out", async () => {
    await using open = await connected({
      onRequest: (request, socket) => {
        socket.event("from.the.future", {});
        socket.event("__proto__", {});
        socket.event("chat", { state: "final" });
        socket.event("tick", { ts: "soon" });
        socket.event("tick", { ts: 7 });
        healthy(request, socket);
      },
    });
    const heard: GatewayEvent[] = [];
    open.connection.onEvent((event) => heard.push(event));
    await open.connection.request("health", {});
    expect(heard).toEqual([{ event: "tick", payload: { ts: 7 } }]);
  });
});

describe("a hostile gateway", () => {
  const deep = `{"type":"event","event":"chat","payload":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;

  test.each([
    ["text that is not JSON", "<html>"],
    ["nothing", ""],
    ["null", "null"],
    ["an answer to nobody", '{"type":"res","id":"health-99","ok":true,"payload":1}'],
    ["a refusal without words", '{"type":"res","id":"health-2","ok":false,"error":{}}'],
    ["an answer with a numeric id", '{"type":"res","id":2,"ok":true}'],
    ["a request", '{"type":"req","id":"1","method":"health"}'],
    ["a second challenge", '{"type":"event","event":"connect.challenge","payload":{"nonce":"n","ts":1}}'],
    ["deep nesting", deep],
    ["binary", new Uint8Array([0, 255, 1])],
  ])("%s does not disturb the connection", async (_what, junk) => {
    await using open = await connected({
      onRequest: (request, socket) => {
        socket.raw(junk);
        healthy(request, socket);
      },
    });
    expect((await open.connection.request("health", {})).ok).toBe(true);
  });

  test("a second answer to the same call changes nothing", async () => {
    await using open = await connected({
      onRequest: (request, socket) => {
        healthy(request, socket);
        socket.refuse(request, { code: "unavailable", message: "no" });
      },
    });
    expect((await open.connection.request("health", {})).ok).toBe(true);
    expect((await open.connection.request("health", {})).ok).toBe(true);
  });

  test("an answer of another shape is refused in words", async () => {
    await using open = await connected({
      onRequest: (request, socket) => socket.answer(request, { ts: "x" }),
    });
    const read = await open.connection.request("health", {});
    expect(read).toMatchObject({ ok: false, code: "unavailable" });
  });

  test("a frame too large to be one ends the connection", async () => {
    await using open = await connected({
      onRequest: (_request, socket) => socket.raw("x".repeat(16 * 1024 * 1024 + 1)),
    });
    expect((await open.connection.request("health", {})).ok).toBe(false);
    await open.connection.closed;
  });
});

test("disposing ends the connection for both sides", async () => {
  const open = await connected({ onRequest: healthy });
  await open[Symbol.asyncDispose]();
  expect((await open.connection.closed).code).toBe(1000);
  expect((await open.connection.request("health", {})).ok).toBe(false);
});

describe("too many calls", () => {
  const limited = { code: "rate_limited", message: "rate limit exceeded", retryable: true };

  test("a call the gateway had no room for is made again", async () => {
    let calls = 0;
    await using open = await connected({
      onRequest: (request, socket) => {
        calls += 1;
        if (calls < 3) socket.refuse(request, limited);
        else healthy(request, socket);
      },
    });
    expect(await open.connection.request("health", {})).toMatchObject({ ok: true });
    expect(calls).toBe(3);
  });

  test("patience has an end, and the caller's signal ends it at once", async () => {
    let calls = 0;
    const refused = async (): Promise<Result<never>> => {
      calls += 1;
      return { ok: false, code: "rate_limited", say: "rate limit exceeded" };
    };
    expect(await withPatience(refused, undefined, [1, 1])).toMatchObject({ code: "rate_limited" });
    expect(calls).toBe(3);
    const stop = new AbortController();
    const stopped = withPatience(refused, stop.signal, [60_000]);
    stop.abort();
    expect(await stopped).toMatchObject({ code: "rate_limited" });
  });
});

test("who is refused because the connection ended finds it closed", async () => {
  await using open = await connected({ onRequest: (_request, socket) => socket.close(1001, "gone") });
  const order: string[] = [];
  const { connection } = open;
  const asked = connection.request("health", {}).then(() => order.push("refused"));
  await Promise.all([connection.closed.then(() => order.push("closed")), asked]);
  expect(order).toEqual(["closed", "refused"]);
  expect(await connection.request("health", {})).toMatchObject({ ok: false, code: "unavailable" });
});
