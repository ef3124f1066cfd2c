import { expect, test } from "bun:test";
import { hintedSessionKey } from "@carapace/protocol";
import { startTestGateway } from "../testing/index.ts";

/** A reply that waits until the test lets it go. */
function held(text: string) {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const before = () => {
    begun.resolve();
    return gate.promise;
  };
  return { reply: { text, before }, release: () => gate.resolve(), begun: begun.promise };
}

test("a new user's message is answered by the built-in assistant, with nothing configured", async () => {
  await using gateway = await startTestGateway();
  using link = await gateway.connect();
  const sent = await link.call("chat.send", {
    message: "what is 6*7?",
    sessionKey: "cli-chat",
    idempotencyKey: "k1",
  });
  const sessionKey = hintedSessionKey("cli-chat");
  expect(sent.payload).toMatchObject({
    runId: "k1",
    status: "accepted",
    sessionKey,
    agentTriggered: true,
    streaming: true,
  });
  const final = await link.ended("k1");
  expect(final).toMatchObject({
    state: "final",
    sessionKey,
    stopReason: "end_turn",
    message: { role: "assistant" },
  });
  expect(String(Object(final["message"]).content)).toContain("42");
  const first = link.events("chat")[0];
  expect(first).toMatchObject({ seq: 0, state: "delta", message: { role: "user", content: "what is 6*7?" } });
  const history = await link.call("chat.history", { sessionKey: "cli-chat" });
  expect(history.payload).toMatchObject({ sessionKey, thinkingLevel: "off" });
  const roles = Object(history.payload["messages"]).map((message: { role: string }) => message.role);
  expect([roles[0], roles.at(-1)]).toEqual(["user", "assistant"]);
});

test("events of a run count from 0 over both channels and end once on each", async () => {
  await using gateway = await startTestGateway({ replies: [{ text: ["one ", "two"] }] });
  using link = await gateway.connect();
  await link.call("chat.send", { message: "go", sessionKey: "s", idempotencyKey: "r" });
  await link.ended("r");
  const all = link.client.frames.filter((frame) => frame["event"] === "agent" || frame["event"] === "chat");
  expect(all.map((frame) => Object(frame["payload"]).seq)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(all.map((frame) => Object(frame["payload"]).stream ?? Object(frame["payload"]).state)).toEqual([
    "delta",
    "started",
    "text",
    "delta",
    "text",
    "delta",
    "complete",
    "final",
  ]);
});

test("without streaming there are no deltas of the reply", async () => {
  await using gateway = await startTestGateway({ replies: [{ text: ["one ", "two"] }] });
  using link = await gateway.connect();
  const params = { message: "go", sessionKey: "s", idempotencyKey: "r", stream: false };
  expect((await link.call("agent", params)).payload["streaming"]).toBe(false);
  expect(await link.ended("r")).toMatchObject({ message: { content: "one two" } });
  expect(link.events("agent").map((event) => event["stream"])).toEqual(["started", "complete"]);
  expect(link.events("chat").map((event) => event["state"])).toEqual(["final"]);
});

test("a second message waits until the first turn of its session has ended; another session does not", async () => {
  const first = held("one");
  await using gateway = await startTestGateway({ replies: [first.reply, "two"] });
  using link = await gateway.connect();
  await link.call("chat.send", { message: "a", sessionKey: "s", idempotencyKey: "a" });
  await first.begun;
  await link.call("chat.send", { message: "b", sessionKey: "s", idempotencyKey: "b" });
  await link.call("chat.send", { message: "c", sessionKey: "other", idempotencyKey: "c" });
  await link.ended("c");
  const history = await link.call("chat.history", { sessionKey: "s" });
  expect(Object(history.payload["messages"]).at(-1)).toMatchObject({
    role: "user",
    content: "b",
    status: "waiting",
  });
  first.release();
  await link.ended("b");
  const order = link.events("chat").flatMap((event) => (event["state"] === "final" ? [event["runId"]] : []));
  expect(order).toEqual(["c", "a", "b"]);
});

test("the same key is one run: while it runs, and for a day after its end", async () => {
  const first = held("done");
  await using gateway = await startTestGateway({ replies: [first.reply] });
  using link = await gateway.connect();
  const params = { message: "a", sessionKey: "s", idempotencyKey: "k" };
  await link.call("chat.send", params);
  await first.begun;
  const again = await link.call("chat.send", params);
  expect(again.payload).toMatchObject({ runId: "k", status: "running", duplicate: true, streaming: true });
  first.release();
  await link.ended("k");
  const later = await link.call("agent", params);
  expect(later.payload).toMatchObject({ status: "completed", duplicate: true, response: "done" });
  const history = await link.call("chat.history", { sessionKey: "s" });
  expect(Object(history.payload["messages"])).toHaveLength(2);
});

test("aborting ends a running turn and takes a waiting one out, on both channels", async () => {
  const first = held("never");
  await using gateway = await startTestGateway({ replies: [first.reply] });
  using link = await gateway.connect();
  await link.call("chat.send", { message: "a", sessionKey: "s", idempotencyKey: "a" });
  await first.begun;
  await link.call("chat.send", { message: "b", sessionKey: "s", idempotencyKey: "b" });
  const waiting = await link.call("chat.abort", { runId: "b", reason: "changed my mind" });
  expect(waiting.payload).toMatchObject({
    ok: true,
    aborted: true,
    runIds: ["b"],
    reason: "changed my mind",
  });
  const running = await link.call("chat.abort", { sessionKey: "s" });
  expect(running.payload).toMatchObject({ aborted: true, runIds: ["a"], sessionKey: hintedSessionKey("s") });
  expect(await link.ended("a")).toMatchObject({ state: "aborted" });
  expect(await link.ended("b")).toMatchObject({ state: "aborted" });
  expect(
    await link.event("agent", (event) => event["runId"] === "a" && event["stream"] === "cancelled"),
  ).toBeDefined();
  first.release();
  expect((await link.call("agent.wait", { runId: "a" })).payload).toMatchObject({
    status: "error",
    error: "cancelled",
  });
});

test("an abort sent right behind its message finds the run", async () => {
  const first = held("never");
  await using gateway = await startTestGateway({ replies: [first.reply] });
  using link = await gateway.connect();
  const sent = link.call("chat.send", { message: "a", sessionKey: "s", idempotencyKey: "a" });
  const aborted = await link.call("chat.abort", { runId: "a" });
  expect(aborted.payload["aborted"]).toBe(true);
  expect((await sent).payload["status"]).toBe("accepted");
  expect(await link.ended("a")).toMatchObject({ state: "aborted" });
  first.release();
});

test("aborting nothing, something unknown or something finished aborts nothing", async () => {
  await using gateway = await startTestGateway({ replies: ["hi"] });
  using link = await gateway.connect();
  await link.call("chat.send", { message: "a", sessionKey: "s", idempotencyKey: "a" });
  await link.ended("a");
  const none = { ok: true, aborted: false, sessionKey: null, runIds: [], reason: null };
  expect((await link.call("chat.abort", {})).payload).toEqual(none);
  expect((await link.call("chat.abort", { sessionKey: "nowhere" })).payload).toMatchObject({
    aborted: false,
    runIds: [],
  });
  expect((await link.call("chat.abort", { runId: "x" })).payload).toMatchObject({
    aborted: false,
    runIds: ["x"],
  });
  expect((await link.call("chat.abort", { runId: "a" })).payload).toMatchObject({
    aborted: false,
    runIds: ["a"],
  });
  expect((await link.call("agent.wait", { runId: "a" })).payload).toMatchObject({
    status: "ok",
    response: "hi",
  });
});

test("waiting for a run ends with its outcome, with time, or at once for an unknown one", async () => {
  const first = held("late");
  await using gateway = await startTestGateway({ replies: [first.reply] });
  using link = await gateway.connect();
  expect((await link.call("agent.wait", { runId: "x" })).payload).toEqual({
    runId: "x",
    status: "timeout",
    startedAt: null,
    endedAt: null,
  });
  await link.call("agent", { message: "a", sessionKey: "s", idempotencyKey: "a" });
  await first.begun;
  expect((await link.call("agent.wait", { runId: "a", timeoutMs: 1 })).payload).toMatchObject({
    status: "timeout",
    endedAt: null,
  });
  const wait = link.call("agent.wait", { runId: "a" });
  first.release();
  expect((await wait).payload).toMatchObject({ status: "ok", response: "late" });
});

test("a message without a trigger joins the history in its place and starts nothing", async () => {
  const first = held("one");
  await using gateway = await startTestGateway({ replies: [first.reply] });
  using link = await gateway.connect();
  await link.call("chat.send", { message: "a", sessionKey: "s", idempotencyKey: "a" });
  await first.begun;
  const note = { message: "note", sessionKey: "s", idempotencyKey: "n", triggerAgent: false };
  expect((await link.call("chat.send", note)).payload).toMatchObject({
    runId: null,
    status: "sent",
    agentTriggered: false,
  });
  first.release();
  await link.ended("a");
  expect((await link.call("agent.wait", { runId: "n" })).payload["status"]).toBe("ok");
  const history = await link.call("chat.history", { sessionKey: "s" });
  const texts = Object(history.payload["messages"]).map((message: { content: string }) => message.content);
  expect(texts).toEqual(["a", "one", "note"]);
  expect(
    link
      .events("chat")
      .filter((event) => event["runId"] === "n")
      .map((event) => event["state"]),
  ).toEqual(["delta"]);
});

test("a model whose provider is not set up is told so, and no other takes its place", async () => {
  await using gateway = await startTestGateway({
    config: { agents: { defaults: { model: "anthropic:claude-x" } } },
  });
  using link = await gateway.connect();
  const sent = await link.call("chat.send", { message: "a", sessionKey: "s", idempotencyKey: "a" });
  expect(sent.payload).toMatchObject({ runId: null, status: "queued" });
  const ended = await link.ended("a");
  expect(ended["state"]).toBe("error");
  expect(String(ended["errorMessage"])).toContain("ANTHROPIC_API_KEY");
  expect(await link.call("agent", { message: "a", idempotencyKey: "b" })).toMatchObject({
    code: "provider_not_configured",
  });
  const route = await link.call("agent", { message: "a", idempotencyKey: "c", route: "nope" });
  expect(route).toMatchObject({ code: "unknown_route" });
});

test("a provider that fails says why in the run's one ending, and the log what lies behind it", async () => {
  const failure = { code: "auth", say: "the key is wrong", detail: "invalid x-api-key" } as const;
  await using gateway = await startTestGateway({ replies: [{ failed: failure }] });
  using link = await gateway.connect();
  await link.call("chat.send", { message: "a", sessionKey: "s", idempotencyKey: "a" });
  expect(await link.ended("a")).toMatchObject({ state: "error", errorMessage: "the key is wrong" });
  expect((await link.call("agent.wait", { runId: "a" })).payload).toMatchObject({
    status: "error",
    error: "the key is wrong",
  });
  const logged = await link.call("logs.tail", { pattern: "^runs$" });
  expect(logged.payload).toMatchObject({
    entries: [
      {
        level: "warn",
        message: "run failed",
        fields: { runId: "a", say: failure.say, detail: failure.detail },
      },
    ],
  });
});

test.each([
  ["chat.send", { idempotencyKey: "k" }, "message is required"],
  ["chat.send", { message: " ", idempotencyKey: "k" }, "message is required"],
  ["chat.send", { message: "x" }, "idempotencyKey is required"],
  ["chat.send", { message: "x", idempotencyKey: "k", sessionId: "nope" }, "Session not found: nope"],
  ["agent", { message: "x" }, "idempotencyKey is required"],
  [
    "agent",
    { message: "x", idempotencyKey: "k", route: "a", model: "offline:basic" },
    "cannot set both `route` and `model` in the same request",
  ],
  ["agent.wait", {}, "runId is required"],
  ["chat.history", {}, "sessionKey is required"],
  ["chat.history", { sessionKey: "nope" }, "Session not found: nope"],
] as const)("%s refuses %j", async (method, params, message) => {
  await using gateway = await startTestGateway();
  using link = await gateway.connect();
  expect(await link.call(method, params)).toMatchObject({ ok: false, code: "invalid_request", message });
});

test("a session nobody names is that of the socket's switch, else that of its speaker", async () => {
  await using gateway = await startTestGateway({ replies: ["hi"] });
  using link = await gateway.connect();
  const sender = await link.call("chat.send", { message: "a", idempotencyKey: "1" });
  expect(sender.payload["sessionKey"]).toBe("default:test");
  const user = await link.call("chat.send", { message: "a", idempotencyKey: "2", userId: "ann" });
  expect(user.payload["sessionKey"]).toBe("default:ann");
  await link.call("sessions.create", { key: "work" });
  await link.call("sessions.switch", { key: "work" });
  expect((await link.call("chat.send", { message: "a", idempotencyKey: "3" })).payload["sessionKey"]).toBe(
    "work",
  );
  const literal = await link.call("chat.send", { message: "a", idempotencyKey: "4", sessionKey: "work" });
  expect(literal.payload["sessionKey"]).toBe("work");
});

test("the model or route named last is the one a session goes on with", async () => {
  const config = { routes: { fast: { model: "offline:fast" } } };
  await using gateway = await startTestGateway({ replies: ["hi"], config });
  using link = await gateway.connect();
  const modelOf = async (id: string, params: object) => {
    await link.call("chat.send", { message: id, sessionKey: "s", idempotencyKey: id, ...params });
    const started = await link.event(
      "agent",
      (event) => event["runId"] === id && event["stream"] === "started",
    );
    await link.ended(id);
    return Object(started["data"]).model;
  };
  expect(await modelOf("1", { route: "fast" })).toBe("offline:fast");
  expect(await modelOf("2", {})).toBe("offline:fast");
  expect(await modelOf("3", { model: "offline:other" })).toBe("offline:other");
  expect(await modelOf("4", {})).toBe("offline:other");
  expect(await modelOf("5", { route: "fast", model: "offline:other" })).toBe("offline:fast");
  expect(await modelOf("6", {})).toBe("offline:fast");
  await link.call("sessions.patch", { key: "s", model: "offline:patched" });
  expect(await modelOf("7", {})).toBe("offline:patched");
});

test("a session gets the agent that first answers in it, and keeps it", async () => {
  const config = { agents: { list: [{ id: "helper" }, { id: "main", default: true }] } };
  await using gateway = await startTestGateway({ replies: ["hi"], config });
  using link = await gateway.connect();
  const send = async (id: string, params: Record<string, unknown>) => {
    await link.call("chat.send", { message: id, idempotencyKey: id, ...params });
    await link.ended(id);
  };
  await send("1", { sessionKey: "a" });
  await send("2", { sessionKey: "b", agentId: "helper" });
  await send("3", { sessionKey: "b" });
  await link.call("sessions.create", { key: "c" });
  await send("4", { sessionKey: "c" });
  const keysOf = async (agentId: string) => {
    const { payload } = await link.call("sessions.list", { agentId });
    return Object(payload["sessions"]).map((row: { key: string }) => row.key);
  };
  expect(await keysOf("main")).toEqual(["c", hintedSessionKey("a")]);
  expect(await keysOf("helper")).toEqual([hintedSessionKey("b")]);
});

test("an agent's tools see its conversations, whichever method began them", async () => {
  const call = { calls: [{ name: "session_list" }] };
  await using gateway = await startTestGateway({ replies: ["hi", "hi", call, "done"] });
  using link = await gateway.connect();
  for (const [index, method] of (["agent", "chat.send", "chat.send"] as const).entries()) {
    const idempotencyKey = `r${index}`;
    await link.call(method, { message: "x", sessionKey: `s${index}`, idempotencyKey });
    await link.ended(idempotencyKey);
  }
  const answered = await link.event("agent", (event) => event["stream"] === "tool_result");
  const { result } = Object(answered["data"]);
  for (const hint of ["s0", "s1", "s2"]) expect(result).toContain(hintedSessionKey(hint));
});

test("a session left idle starts anew before its next turn", async () => {
  let nowMs = Date.UTC(2026, 0, 1, 12);
  const config = { channels: { default: { session: { reset: { mode: "idle", idleMinutes: 60 } } } } };
  await using gateway = await startTestGateway({ replies: ["hi"], config, world: { nowMs: () => nowMs } });
  using link = await gateway.connect();
  const send = async (id: string) => {
    await link.call("chat.send", { message: id, sessionKey: "s", idempotencyKey: id });
    await link.ended(id);
    const history = await link.call("chat.history", { sessionKey: "s" });
    return Object(history.payload["messages"]).length;
  };
  expect(await send("a")).toBe(2);
  nowMs += 59 * 60_000;
  expect(await send("b")).toBe(4);
  nowMs += 61 * 60_000;
  expect(await send("c")).toBe(2);
});

test("a conversation stays readable whatever the model wrote into it", async () => {
  const reply = { text: '"'.repeat(900_000) };
  await using gateway = await startTestGateway({ replies: [reply] });
  using link = await gateway.connect();
  await link.call("chat.send", { message: "hi", sessionKey: "s", idempotencyKey: "long" });
  const waited = await link.call("agent.wait", { runId: "long" });
  expect(String(waited.payload["response"]).endsWith("too big to send.]")).toBe(true);
  for (const method of ["chat.history", "sessions.load"] as const) {
    const { ok, payload } = await link.call(method, { sessionKey: "s", key: "s" });
    expect(ok).toBe(true);
    const messages: { role: string; content: string }[] = Object(payload["messages"]);
    expect(messages.at(-1)).toMatchObject({ role: "assistant" });
    expect(messages.at(-1)?.content.endsWith("too big to send.]")).toBe(true);
  }
});
