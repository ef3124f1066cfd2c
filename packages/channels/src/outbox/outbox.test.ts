import { describe, expect, test } from "bun:test";
import type { NewOutboxMessage } from "@carapace/state";
import type { DeliveryResult } from "../adapter.ts";
import { carrying, endOf, enqueued, temporaryState, webhookTo, words } from "../testing/carried.ts";
import { accepts, answers, inTurn, startReceiver } from "../testing/receiver.ts";
import { later, never, sent, told } from "../testing/told.ts";

describe("to a real receiver", () => {
  test("a message goes out once, with its key and its words, and is marked as sent", async () => {
    await using receiver = await startReceiver();
    await using at = await temporaryState();
    await using carried = await carrying(at.state, { channels: [webhookTo(receiver.url)] });
    const { id } = await enqueued(carried.outbox, words("hello", { replyTo: "7", threadId: "t" }));
    const ended = await endOf(carried, at, id);
    expect(ended).toMatchObject({
      status: "sent",
      attempts: 1,
      partsSent: 1,
      receipt: { atMs: expect.any(Number) },
    });
    expect(receiver.requests).toMatchObject([
      { key: id, json: { to: "me", text: "hello", replyTo: "7", threadId: "t" } },
    ]);
    expect(await carried.outbox.pending()).toBe(0);
  });

  test.each([
    ["500", answers(500)],
    ["429 with seconds", answers(429, { "Retry-After": "0" })],
    ["429 with a date of today's form", answers(429, { "Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT" })],
    ["429 with a date of RFC 850", answers(429, { "Retry-After": "Sunday, 06-Nov-94 08:49:37 GMT" })],
    ["429 with a date of asctime", answers(503, { "Retry-After": "Sun Nov  6 08:49:37 1994" })],
    ["a connection that breaks", (response: { destroy(): void }) => response.destroy()],
  ])("after %s it is tried again with the same key, before the next one", async (_what, first) => {
    await using receiver = await startReceiver(inTurn(first, accepts));
    await using at = await temporaryState();
    await using carried = await carrying(at.state, { channels: [webhookTo(receiver.url)] });
    const one = await enqueued(carried.outbox, words("one"));
    const two = await enqueued(carried.outbox, words("two"));
    await endOf(carried, at, two.id);
    expect(receiver.requests.map(({ json }) => json.text)).toEqual(["one", "one", "two"]);
    expect(receiver.counts()).toEqual({ [one.id]: 2, [two.id]: 1 });
    expect(await at.state.outbox.find(one.id)).toMatchObject({ status: "sent", attempts: 2 });
  });

  test("an answer that breaks off in its body is an answer", async () => {
    await using receiver = await startReceiver((response) => {
      response.writeHead(200, { "Content-Length": "100" });
      response.write("half", () => response.destroy());
    });
    await using at = await temporaryState();
    await using carried = await carrying(at.state, { channels: [webhookTo(receiver.url)] });
    const { id } = await enqueued(carried.outbox, words("one"));
    expect(await endOf(carried, at, id)).toMatchObject({ status: "sent", attempts: 1 });
  });

  test("a redirect is not followed, and the message fails with what to do", async () => {
    await using elsewhere = await startReceiver();
    await using receiver = await startReceiver(answers(307, { Location: elsewhere.url }));
    await using at = await temporaryState();
    await using carried = await carrying(at.state, { channels: [webhookTo(receiver.url)] });
    const { id } = await enqueued(carried.outbox, words("one"));
    const ended = await endOf(carried, at, id);
    expect(ended).toMatchObject({ status: "failed", attempts: 1 });
    expect(ended.lastError).toContain("webhook.url");
    expect(elsewhere.requests).toEqual([]);
  });

  test("a receiver that stands still is given up, and tried again", async () => {
    await using receiver = await startReceiver(inTurn(() => undefined, accepts));
    await using at = await temporaryState();
    const limits = { attemptTimeoutMs: 20 };
    await using carried = await carrying(at.state, { channels: [webhookTo(receiver.url)], limits });
    const { id } = await enqueued(carried.outbox, words("one"));
    expect(await endOf(carried, at, id)).toMatchObject({ status: "sent", attempts: 2 });
    expect(receiver.counts()).toEqual({ [id]: 2 });
  });

  test("200 messages come out in their order, each once", async () => {
    await using receiver = await startReceiver();
    await using at = await temporaryState();
    await using carried = await carrying(at.state, { channels: [webhookTo(receiver.url)] });
    const ids = [];
    for (let number = 0; number < 200; number++)
      ids.push((await enqueued(carried.outbox, words(`m${number}`))).id);
    await endOf(carried, at, ids.at(-1) ?? "");
    expect(receiver.requests.map(({ key }) => key)).toEqual(ids);
    expect(await at.state.outbox.counts()).toEqual(new Map([["sent", 200]]));
  });
});

describe("attempts", () => {
  test("when they are used up, the message stays as failed, with why, and the next one goes out", async () => {
    await using at = await temporaryState();
    const channel = told("c", ({ text }) => (text === "bad" ? later : sent));
    await using carried = await carrying(at.state, { channels: [channel] });
    const bad = await enqueued(carried.outbox, words("bad", { channel: "c", maxAttempts: 2 }));
    const good = await enqueued(carried.outbox, words("good", { channel: "c" }));
    expect(await endOf(carried, at, bad.id)).toMatchObject({
      status: "failed",
      attempts: 2,
      lastError: "busy",
    });
    expect(await endOf(carried, at, good.id)).toMatchObject({ status: "sent" });
    expect(channel.given.map(({ text }) => text)).toEqual(["bad", "bad", "good"]);
    expect(carried.logged).toEqual(["a message could not be delivered"]);
  });

  test("a sender that says nothing gets more of them where the receiver drops repetitions", async () => {
    await using at = await temporaryState();
    const channels = [told("drops", () => sent), told("does not", () => sent, false)];
    await using carried = await carrying(at.state, { channels });
    expect(await enqueued(carried.outbox, words("a", { channel: "drops" }))).toMatchObject({
      maxAttempts: 8,
    });
    expect(await enqueued(carried.outbox, words("a", { channel: "does not" }))).toMatchObject({
      maxAttempts: 3,
    });
  });

  test("what the other side never takes is tried once; no address gets into its reason", async () => {
    await using at = await temporaryState();
    const error = "refused by https://example.org/token123 as ever";
    const channel = told("c", () => ({ ...never, error }));
    await using carried = await carrying(at.state, { channels: [channel] });
    const { id } = await enqueued(carried.outbox, words("a", { channel: "c" }));
    const ended = await endOf(carried, at, id);
    expect(ended).toMatchObject({ status: "failed", attempts: 1, lastError: "refused by [address] as ever" });
  });

  test("a channel that throws costs one message, not the queue", async () => {
    await using at = await temporaryState();
    const channel = told("c", ({ text }) => {
      if (text === "bad") throw new Error("secret inside");
      return sent;
    });
    await using carried = await carrying(at.state, { channels: [channel] });
    const bad = await enqueued(carried.outbox, words("bad", { channel: "c" }));
    const good = await enqueued(carried.outbox, words("good", { channel: "c" }));
    const failed = await endOf(carried, at, bad.id);
    expect(failed).toMatchObject({ status: "failed", mayHaveGoneOut: true });
    expect(failed.lastError).not.toContain("secret inside");
    expect(await endOf(carried, at, good.id)).toMatchObject({ status: "sent" });
  });

  test("where nobody knows whether it arrived and repetitions are not dropped, it is not sent again", async () => {
    await using at = await temporaryState();
    const channel = told("c", () => ({ ...later, mayHaveArrived: true }), false);
    await using carried = await carrying(at.state, { channels: [channel] });
    const { id } = await enqueued(carried.outbox, words("a", { channel: "c" }));
    const ended = await endOf(carried, at, id);
    expect(ended).toMatchObject({ status: "failed", attempts: 1, mayHaveGoneOut: true });
    expect(ended.lastError).toContain(`cara outbox retry ${id}`);
  });

  test("a message of several parts goes on behind those that went out, each with a key of its own", async () => {
    await using at = await temporaryState();
    let isDown = true;
    const channel = told("c", ({ text }) => (text === "two" && isDown ? later : sent));
    await using carried = await carrying(at.state, { channels: [channel] });
    const parts = [
      { type: "text" as const, text: "one" },
      { type: "text" as const, text: "two" },
      { type: "media" as const, mediaRef: "https://example.org/a.png", caption: "three" },
    ];
    const { id } = await enqueued(carried.outbox, { ...words("", { channel: "c", maxAttempts: 1 }), parts });
    expect(await endOf(carried, at, id)).toMatchObject({ status: "failed", partsSent: 1 });
    isDown = false;
    expect(await carried.outbox.retry(id)).toMatchObject({
      ok: true,
      value: { status: "queued", attempts: 0 },
    });
    expect(await endOf(carried, at, id)).toMatchObject({ status: "sent", partsSent: 3 });
    expect(channel.given.map(({ text, idempotencyKey }) => [text, idempotencyKey])).toEqual([
      ["one", `${id}:1`],
      ["two", `${id}:2`],
      ["two", `${id}:2`],
      ["three", `${id}:3`],
    ]);
  });

  test("a channel that asks for a pause gets nothing meanwhile, other channels go on", async () => {
    await using at = await temporaryState();
    const pause = { kind: "transient" as const, retryAfterMs: 30 };
    let isFirst = true;
    const limited = told("limited", () => {
      const answer = isFirst ? { ...later, retryability: pause } : sent;
      isFirst = false;
      return answer;
    });
    const free = told("free", () => sent);
    await using carried = await carrying(at.state, { channels: [limited, free] });
    const startedMs = performance.now();
    const one = await enqueued(carried.outbox, words("one", { channel: "limited", to: "a" }));
    const two = await enqueued(carried.outbox, words("two", { channel: "limited", to: "b" }));
    const other = await enqueued(carried.outbox, words("three", { channel: "free" }));
    await endOf(carried, at, other.id);
    expect(limited.given).toHaveLength(1);
    await Promise.all([endOf(carried, at, one.id), endOf(carried, at, two.id)]);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(29);
    expect(limited.given.map(({ text }) => text)).toEqual(["one", "one", "two"]);
  });
});

describe("order", () => {
  test("a chat that waits for its retry holds up itself, not the others of its channel", async () => {
    await using at = await temporaryState();
    let isDown = true;
    const channel = told("c", ({ to }) => (to === "a" && isDown ? later : sent));
    const backoff = { baseMs: 60, factor: 1, capMs: 60 };
    await using carried = await carrying(at.state, { channels: [channel], limits: { backoff } });
    const one = await enqueued(carried.outbox, words("a1", { channel: "c", to: "a" }));
    const two = await enqueued(carried.outbox, words("a2", { channel: "c", to: "a" }));
    const other = await enqueued(carried.outbox, words("b1", { channel: "c", to: "b" }));
    await endOf(carried, at, other.id);
    isDown = false;
    await endOf(carried, at, two.id);
    // How often a1 was tried until then is a matter of how busy the machine is.
    const texts = channel.given.map(({ text }) => text);
    expect(texts.indexOf("b1")).toBeLessThan(texts.lastIndexOf("a1"));
    expect(texts.filter((text) => text !== "b1").indexOf("a2")).toBe(texts.length - 2);
    expect(await at.state.outbox.find(one.id)).toMatchObject({ status: "sent" });
  });

  test("a channel that never answers does not hold up another one", async () => {
    await using at = await temporaryState();
    const stuck = told("stuck", (_context, signal) => {
      const { promise, resolve } = Promise.withResolvers<DeliveryResult>();
      signal.addEventListener("abort", () => resolve(later));
      return promise;
    });
    const free = told("free", () => sent);
    const limits = { closeBudgetMs: 5 };
    await using carried = await carrying(at.state, { channels: [stuck, free], limits });
    const waits = await enqueued(carried.outbox, words("a", { channel: "stuck" }));
    const { id } = await enqueued(carried.outbox, words("b", { channel: "free" }));
    expect(await endOf(carried, at, id)).toMatchObject({ status: "sent" });
    expect(await at.state.outbox.find(waits.id)).toMatchObject({ status: "sending" });
  });
});

describe("what waits", () => {
  test("nothing is tried, and no attempt counted, until its channel is connected", async () => {
    await using at = await temporaryState();
    const channel = told("c", () => sent);
    await using carried = await carrying(at.state, { channels: [channel], isOffline: true });
    const { id } = await enqueued(carried.outbox, words("a", { channel: "c" }));
    carried.registry.set("c", "error", "wrong token");
    expect(channel.given).toEqual([]);
    expect(await at.state.outbox.find(id)).toMatchObject({ status: "queued", attempts: 0 });
    carried.registry.set("c", "connected");
    expect(await endOf(carried, at, id)).toMatchObject({ status: "sent", attempts: 1 });
  });

  test("what is too old is not sent any more, connected or not", async () => {
    await using at = await temporaryState();
    const channel = told("c", () => sent);
    await using carried = await carrying(at.state, { channels: [channel], isOffline: true });
    const { id } = await enqueued(carried.outbox, words("a", { channel: "c", ttlMs: 10 }));
    expect(await endOf(carried, at, id)).toMatchObject({ status: "expired", attempts: 0 });
    carried.registry.set("c", "connected");
    const next = await enqueued(carried.outbox, words("b", { channel: "c" }));
    await endOf(carried, at, next.id);
    expect(channel.given.map(({ text }) => text)).toEqual(["b"]);
  });

  test("a channel takes so many and no more; a message that waits can be dropped to make room", async () => {
    await using at = await temporaryState();
    const limits = { maxPendingPerChannel: 2 };
    const channels = [told("c", () => sent), told("d", () => sent)];
    await using carried = await carrying(at.state, { channels, limits, isOffline: true });
    const { id } = await enqueued(carried.outbox, words("a", { channel: "c" }));
    await enqueued(carried.outbox, words("b", { channel: "c" }));
    expect(await carried.outbox.enqueue(words("x", { channel: "c" }))).toMatchObject({
      ok: false,
      code: "unavailable",
    });
    expect(await carried.outbox.enqueue(words("x", { channel: "d" }))).toMatchObject({ ok: true });
    expect(await carried.outbox.drop(id)).toMatchObject({ ok: true, value: { status: "cancelled" } });
    expect(await carried.outbox.enqueue(words("x", { channel: "c" }))).toMatchObject({ ok: true });
    expect(await carried.outbox.retry(id)).toMatchObject({ ok: false, code: "unavailable" });
  });

  test("the same key is the same message", async () => {
    await using at = await temporaryState();
    const channel = told("c", () => sent);
    await using carried = await carrying(at.state, { channels: [channel] });
    const message = words("a", { channel: "c", idempotencyKey: "k" });
    const [one, two] = await Promise.all([carried.outbox.enqueue(message), carried.outbox.enqueue(message)]);
    const id = one.ok ? one.value.id : "";
    expect(two).toMatchObject({ ok: true, value: { id } });
    await endOf(carried, at, id);
    expect(await carried.outbox.enqueue(message)).toMatchObject({ ok: true, value: { id, status: "sent" } });
    expect(channel.given).toHaveLength(1);
  });

  const faults: readonly (readonly [string, Partial<NewOutboxMessage>, string])[] = [
    ["an unknown channel", { channel: "smoke" }, "not_found"],
    ["nobody to send to", { to: " " }, "invalid_request"],
    ["a name that is too long", { to: "x".repeat(256) }, "invalid_request"],
    ["no parts", { parts: [] }, "invalid_request"],
    ["no words", { parts: [{ type: "text", text: " " }] }, "invalid_request"],
    ["too many words", { parts: [{ type: "text", text: "x".repeat(1_000_001) }] }, "invalid_request"],
    ["a key that is too long", { idempotencyKey: "k".repeat(256) }, "invalid_request"],
    ["half a character as key", { idempotencyKey: "\ud800" }, "invalid_request"],
    ["no attempts", { maxAttempts: 0 }, "invalid_request"],
    ["no time", { ttlMs: 0 }, "invalid_request"],
  ];

  test.each(faults)("a message with %s is refused", async (_what, more, code) => {
    await using at = await temporaryState();
    await using carried = await carrying(at.state, { channels: [told("c", () => sent)] });
    const refused = await carried.outbox.enqueue({ ...words("a", { channel: "c" }), ...more });
    expect(refused).toMatchObject({ ok: false, code });
    expect(await at.state.outbox.list({})).toEqual([]);
  });
});

describe("by hand", () => {
  test("one that failed is sent again behind the others, under the same id", async () => {
    await using at = await temporaryState();
    let isDown = true;
    const channel = told("c", () => (isDown ? never : sent));
    await using carried = await carrying(at.state, { channels: [channel] });
    const { id } = await enqueued(carried.outbox, words("a", { channel: "c" }));
    await endOf(carried, at, id);
    isDown = false;
    expect(await carried.outbox.retry(id)).toMatchObject({ ok: true, value: { seq: 2, status: "queued" } });
    expect(await endOf(carried, at, id)).toMatchObject({ status: "sent" });
    expect(await carried.outbox.retry(id)).toMatchObject({ ok: false, code: "conflict" });
    expect(await carried.outbox.drop(id)).toMatchObject({ ok: false, code: "conflict" });
  });

  test("what is not there can be neither retried nor dropped", async () => {
    await using at = await temporaryState();
    await using carried = await carrying(at.state, { channels: [] });
    expect(await carried.outbox.retry("x")).toMatchObject({ ok: false, code: "not_found" });
    expect(await carried.outbox.drop("x")).toMatchObject({ ok: false, code: "not_found" });
  });

  test("one that was dropped is never sent", async () => {
    await using at = await temporaryState();
    const channel = told("c", () => sent);
    await using carried = await carrying(at.state, { channels: [channel], isOffline: true });
    const dropped = await enqueued(carried.outbox, words("a", { channel: "c" }));
    const { id } = await enqueued(carried.outbox, words("b", { channel: "c" }));
    await carried.outbox.drop(dropped.id);
    carried.registry.set("c", "connected");
    await endOf(carried, at, id);
    expect(channel.given.map(({ text }) => text)).toEqual(["b"]);
  });
});
