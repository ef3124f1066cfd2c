import { describe, expect, test } from "bun:test";
import type { ScriptedReply } from "@carapace/agent/testing";
import { accepts, answers, startReceiver } from "@carapace/channels/testing";
import { startTestGateway, type TestGateway, type TestLink } from "../testing/index.ts";
import { keyOf } from "./replies.ts";

type Listed = Readonly<Record<string, unknown>>;

const webhookTo = (url: string, more: object = {}) => ({ webhook: { url, allowPrivate: true, ...more } });

async function listed(link: TestLink, params: object = {}): Promise<readonly Listed[]> {
  const { messages } = (await link.call("outbox.list", params)).payload;
  return Array.isArray(messages) ? messages : [];
}

/** Until a message is as a test wants it. */
async function until(link: TestLink, id: unknown, status: string): Promise<Listed> {
  for (;;) {
    const [message] = await listed(link, { id });
    if (message?.["status"] === status) return message;
    // Asked more often, the gateway hangs up.
    await Bun.sleep(20);
  }
}

async function audited(link: TestLink, event: string): Promise<readonly Listed[]> {
  const { records } = (await link.call("audit.tail", { event })).payload;
  return Array.isArray(records) ? records.map(({ data, actor }) => ({ ...data, actor })) : [];
}

describe("send", () => {
  test("is durable, goes out once however often it is asked for, and is audited", async () => {
    await using receiver = await startReceiver();
    await using gateway = await startTestGateway({ config: webhookTo(receiver.url, { secret: "s3cret" }) });
    using link = await gateway.connect();
    const letter = { to: "me", message: "hello", idempotencyKey: "k1", channel: "Webhook" };
    const first = await link.call("send", letter);
    expect(first.payload).toEqual({ runId: "k1", messageId: expect.any(String), channel: "webhook" });
    const id = first.payload["messageId"];
    const sent = await until(link, id, "sent");
    expect(sent).toMatchObject({
      channel: "webhook",
      to: "me",
      preview: "hello",
      attempts: 1,
      source: { kind: "send" },
    });
    expect((await link.call("send", { ...letter, message: "other" })).payload["messageId"]).toBe(id);
    expect(receiver.requests).toMatchObject([{ key: id, json: { to: "me", text: "hello" } }]);
    expect(receiver.requests[0]?.headers["x-carapace-signature"]).toStartWith("sha256=");
    expect(await audited(link, "message_queued")).toMatchObject([
      { message_id: id, channel: "webhook", actor: "client:test@local" },
    ]);
  });

  test("without a channel goes over the only one that leads outside, and is refused where there is none", async () => {
    await using receiver = await startReceiver();
    await using gateway = await startTestGateway({ config: webhookTo(receiver.url) });
    using link = await gateway.connect();
    const letter = { to: "me", message: "hello", idempotencyKey: "k" };
    expect((await link.call("send", letter)).payload).toMatchObject({ channel: "webhook" });
    expect(await link.call("send", { ...letter, channel: "telegram", idempotencyKey: "l" })).toMatchObject({
      code: "invalid_request",
      message: 'queue failed: no channel "telegram" is set up (there are: webhook, console)',
    });
    await using bare = await startTestGateway();
    using other = await bare.connect();
    expect(await other.call("send", letter)).toMatchObject({ code: "unavailable" });
    expect((await other.call("send", { ...letter, channel: "console" })).ok).toBe(true);
  });

  test("to the console ends in the log", async () => {
    await using gateway = await startTestGateway();
    using link = await gateway.connect();
    const letter = { to: "me", message: "look here", idempotencyKey: "k", channel: "console" };
    const { payload } = await link.call("send", letter);
    await until(link, payload["messageId"], "sent");
    const tail = await link.call("logs.tail", { pattern: "^console$" });
    expect(JSON.stringify(tail.payload)).toContain("look here");
  });

  test("needs a key, and the right to write", async () => {
    await using gateway = await startTestGateway();
    using link = await gateway.connect();
    expect(await link.call("send", { to: "me", message: "m" })).toMatchObject({
      message: "idempotencyKey is required",
    });
    using reader = await gateway.connect({ scopes: ["operator.read"] });
    expect((await reader.call("send", { to: "me", message: "m", idempotencyKey: "k" })).ok).toBe(false);
  });
});

describe("channels", () => {
  test("are listed with their state, and counted everywhere", async () => {
    const config = webhookTo("http://example.org/in");
    await using gateway = await startTestGateway({ config });
    using link = await gateway.connect();
    const { payload } = await link.call("channels.status");
    expect(payload).toMatchObject({
      total: 2,
      connected: 1,
      channels: [
        {
          id: "webhook",
          name: "Webhook",
          status: "error",
          metadata: { last_error: expect.stringContaining("https") },
        },
        { id: "console", status: "connected", metadata: { last_connected_at: expect.any(Number) } },
      ],
    });
    await link.call("send", { to: "me", message: "hello", idempotencyKey: "k" });
    expect(await listed(link)).toMatchObject([
      { waitsFor: expect.stringMatching(/^the channel webhook is in error: webhook.url: .*https/) },
    ]);
    const { payload: tail } = await link.call("logs.tail", { pattern: "^channels$" });
    expect(JSON.stringify(tail)).toContain("a channel is in error");
    const counts = { total: 2, connected: 1 };
    expect((await link.call("status")).payload["channels"]).toEqual(counts);
    expect((await link.call("system.info")).payload["channels"]).toEqual(counts);
    expect((await link.call("health")).payload["channels"]).toEqual(counts);
  });

  test("that are switched off or not complete are not there", async () => {
    for (const webhook of [{ url: "https://example.org", enabled: false }, { secret: "s" }, { url: " " }]) {
      await using gateway = await startTestGateway({ config: { webhook } });
      using link = await gateway.connect();
      expect((await link.call("channels.status")).payload).toMatchObject({ total: 1 });
    }
  });

  test("that are logged out send nothing more; what is for them waits until the next start", async () => {
    await using receiver = await startReceiver();
    await using gateway = await startTestGateway({ config: webhookTo(receiver.url) });
    using link = await gateway.connect();
    expect((await link.call("channels.logout", { channelId: "webhook" })).payload).toEqual({
      ok: true,
      channel: "webhook",
    });
    expect((await link.call("channels.status")).payload).toMatchObject({
      connected: 1,
      channels: [{ id: "webhook", status: "logged_out" }, {}],
    });
    expect(await audited(link, "channel_logged_out")).toMatchObject([{ channel: "webhook" }]);
    const letter = { to: "me", message: "hello", idempotencyKey: "k", channel: "webhook" };
    const { payload } = await link.call("send", letter);
    const waitsFor = "the channel webhook is logged out until the next start";
    expect(await listed(link, { status: "queued" })).toMatchObject([
      { id: payload["messageId"], attempts: 0, waitsFor },
    ]);
    await gateway.gateway.close("restart");
    await using again = await startTestGateway({
      stateDir: gateway.stateDir,
      config: webhookTo(receiver.url),
    });
    await receiver.received(1);
    expect(receiver.counts()).toEqual({ [String(payload["messageId"])]: 1 });
    using next = await again.connect();
    await until(next, payload["messageId"], "sent");
  });

  test("of which a secret header is set send it, and nobody is shown it", async () => {
    await using receiver = await startReceiver();
    const headers = { "X-Door": "opens-with-7431-words" };
    await using gateway = await startTestGateway({ config: webhookTo(receiver.url, { headers }) });
    using link = await gateway.connect();
    await link.call("send", { to: "me", message: "hello", idempotencyKey: "k" });
    await receiver.received(1);
    expect(receiver.requests[0]?.headers["x-door"]).toBe("opens-with-7431-words");
    for (const method of ["config.get", "channels.status", "outbox.list", "logs.tail"] as const)
      expect(JSON.stringify((await link.call(method)).payload)).not.toContain("7431");
  });
});

describe("the reply of a run", () => {
  const reply: ScriptedReply = { text: "six times seven is 42" };
  const broken: ScriptedReply = { text: "half", failed: { code: "bad_request", say: "Broken." } };

  async function asked(gateway: TestGateway, more: object): Promise<TestLink> {
    const link = await gateway.connect();
    const question = { message: "6*7?", sessionKey: "s", idempotencyKey: "r1", ...more };
    expect(await link.call("agent", question)).toMatchObject({ ok: true });
    await link.ended("r1");
    return link;
  }

  test("goes to the chat of its session where the caller wants it to be delivered", async () => {
    await using receiver = await startReceiver();
    await using gateway = await startTestGateway({ replies: [reply], config: webhookTo(receiver.url) });
    using link = await asked(gateway, { deliver: true, channel: "webhook", chatId: "chat 7" });
    await receiver.received(1);
    expect(receiver.requests).toMatchObject([{ json: { to: "chat 7", text: reply.text } }]);
    const [message] = await listed(link);
    expect(message).toMatchObject({ source: { kind: "run", id: "r1" }, maxAttempts: 8 });
  });

  const silent: readonly (readonly [string, object, ScriptedReply])[] = [
    ["nobody asked for it", { channel: "webhook", chatId: "c" }, reply],
    ["the session belongs to no chat", { deliver: true }, reply],
    ["its channel is not known", { deliver: true, channel: "smoke", chatId: "c" }, reply],
    ["it has no words", { deliver: true, channel: "webhook", chatId: "c" }, { text: " \n" }],
    ["the run failed", { deliver: true, channel: "webhook", chatId: "c" }, broken],
  ];

  test.each(silent)("stays where it is if %s", async (_what, more, scripted) => {
    await using receiver = await startReceiver();
    await using gateway = await startTestGateway({ replies: [scripted], config: webhookTo(receiver.url) });
    using link = await asked(gateway, more);
    expect(await listed(link)).toEqual([]);
    expect(receiver.requests).toEqual([]);
  });

  test("leaves as it is stored: without secrets", async () => {
    await using receiver = await startReceiver();
    const config = webhookTo(receiver.url, { secret: "walrus-4711-ocean" });
    const replies = [{ text: "the secret is walrus-4711-ocean, I think" }];
    await using gateway = await startTestGateway({ replies, config });
    using _link = await asked(gateway, { deliver: true, channel: "webhook", chatId: "c" });
    await receiver.received(1);
    expect(receiver.requests[0]?.json.text).toBe("the secret is [REDACTED], I think");
  });

  test("is stored with the run's end: it goes out after a restart, too", async () => {
    await using receiver = await startReceiver(answers(503, { "Retry-After": "3600" }));
    const config = webhookTo(receiver.url);
    await using gateway = await startTestGateway({ replies: [reply], config });
    using link = await asked(gateway, { deliver: true, channel: "webhook", chatId: "c" });
    await receiver.received(1);
    const [message] = await listed(link);
    const waiting = await until(link, message?.["id"], "queued");
    expect(waiting).toMatchObject({ attempts: 1, lastError: "HTTP 503" });
    expect(Number(waiting["nextAttemptAtMs"]) - Date.now()).toBeGreaterThan(3_500_000);
    await gateway.gateway.close("restart");
    receiver.behave(accepts);
    await using again = await startTestGateway({ stateDir: gateway.stateDir, config });
    using next = await again.connect();
    expect(await listed(next)).toMatchObject([{ id: message?.["id"], status: "queued", attempts: 1 }]);
  });
});

describe("messages that were not delivered", () => {
  test("are listed with why, sent again or dropped by an admin only, and that is audited", async () => {
    await using receiver = await startReceiver(answers(410));
    await using gateway = await startTestGateway({ config: webhookTo(receiver.url) });
    using link = await gateway.connect();
    const ids: unknown[] = [];
    for (const key of ["a", "b"]) {
      const letter = { to: "me", message: `letter ${key}`, idempotencyKey: key };
      ids.push((await link.call("send", letter)).payload["messageId"]);
    }
    const [one, two] = ids;
    await until(link, two, "failed");
    expect(await listed(link, { status: "failed", channel: "webhook" })).toMatchObject([
      { id: two, lastError: "HTTP 410" },
      { id: one, lastError: "HTTP 410" },
    ]);
    expect(await listed(link, { status: "failed", limit: 1 })).toHaveLength(1);
    expect(await listed(link, { id: "nobody" })).toEqual([]);
    expect((await link.call("outbox.list")).payload["counts"]).toMatchObject({ failed: 2, sent: 0 });
    using writer = await gateway.connect({ scopes: ["operator.write"] });
    expect(await listed(writer)).toHaveLength(2);
    for (const method of ["outbox.retry", "outbox.drop"] as const)
      expect((await writer.call(method, { id: one })).ok).toBe(false);

    receiver.behave(accepts);
    expect((await link.call("outbox.retry", { id: one })).payload).toMatchObject({
      ok: true,
      message: { id: one, status: "queued" },
    });
    await until(link, one, "sent");
    expect((await link.call("outbox.drop", { id: two })).payload).toMatchObject({
      message: { status: "cancelled" },
    });
    expect(await link.call("outbox.drop", { id: two })).toMatchObject({ ok: false });
    expect(await link.call("outbox.retry", { id: "nobody" })).toMatchObject({ ok: false });
    expect(await link.call("outbox.retry", {})).toMatchObject({ message: "id is required" });
    expect(await audited(link, "message_retried")).toMatchObject([{ message_id: one, channel: "webhook" }]);
    expect(await audited(link, "message_dropped")).toMatchObject([{ message_id: two, channel: "webhook" }]);
  });
});

test("a key that is too long is stood for by its digest, and keeps its kind", () => {
  expect(keyOf("run:r1")).toBe("run:r1");
  const long = keyOf(`run:${"x".repeat(300)}`);
  expect(long).toMatch(/^run:sha256:[0-9a-f]{64}$/);
  expect(keyOf(`run:${"x".repeat(301)}`)).not.toBe(long);
});
