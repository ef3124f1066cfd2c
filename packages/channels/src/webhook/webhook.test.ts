import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import type { OutboundContext } from "../adapter.ts";
import { answers, startReceiver } from "../testing/receiver.ts";
import { checkWebhookUrl } from "./check-webhook-url.ts";
import { guardedPost } from "./guarded-post.ts";
import type { PostAnswer } from "./post.ts";
import { createWebhook, type WebhookSettings } from "./webhook.ts";

const nowMs = 1_795_000_000_123;
const context: OutboundContext = { to: "me", text: "grüß dich", idempotencyKey: "k1" };
const { signal } = new AbortController();

function webhook(settings: Partial<WebhookSettings>) {
  const given = { url: "https://example.org/in", headers: {}, allowPrivate: true, ...settings };
  return createWebhook(given, { post: guardedPost, nowMs: () => nowMs });
}

/** What a receiver's author would write from the documentation. */
function isSigned(body: string, headers: Readonly<Record<string, unknown>>, secret: string): boolean {
  const digest = createHmac("sha256", secret)
    .update(`${headers["x-carapace-timestamp"]}.${body}`)
    .digest("hex");
  return headers["x-carapace-signature"] === `sha256=${digest}`;
}

describe("a request", () => {
  test("has its key, its time and the owner's headers; own ones cannot be taken over", async () => {
    await using receiver = await startReceiver();
    const headers = { Authorization: "Bearer t", "idempotency-key": "mine", "content-type": "text/plain" };
    expect(await webhook({ url: receiver.url, headers }).sendText(context, signal)).toEqual({ ok: true });
    const [request] = receiver.requests;
    expect(request?.json).toEqual({ to: "me", text: "grüß dich" });
    expect(request?.headers).toMatchObject({
      authorization: "Bearer t",
      "idempotency-key": "k1",
      "content-type": "application/json",
      "x-carapace-timestamp": "1795000000",
    });
    expect(request?.headers["x-carapace-signature"]).toBeUndefined();
  });

  test("is signed over its time and its bytes if there is a secret", async () => {
    await using receiver = await startReceiver();
    await webhook({ url: receiver.url, secret: "s3cret" }).sendText(context, signal);
    const [request] = receiver.requests;
    const { body = "", headers = {} } = request ?? {};
    expect(isSigned(body, headers, "s3cret")).toBe(true);
    expect(isSigned(`${body} `, headers, "s3cret")).toBe(false);
    expect(isSigned(body, { ...headers, "x-carapace-timestamp": "1795000001" }, "s3cret")).toBe(false);
    expect(isSigned(body, headers, "other")).toBe(false);
  });

  test("with media has its address and caption; media without an http address is refused", async () => {
    await using receiver = await startReceiver();
    const channel = webhook({ url: receiver.url });
    const media = { ...context, mediaUrl: "https://example.org/a.png" };
    await channel.sendMedia(media, signal);
    await channel.sendMedia({ ...media, text: "" }, signal);
    await channel.sendMedia(context, signal);
    expect(receiver.requests.map(({ json }) => json)).toEqual([
      { to: "me", mediaUrl: "https://example.org/a.png", caption: "grüß dich" },
      { to: "me", mediaUrl: "https://example.org/a.png" },
      { to: "me", text: "grüß dich" },
    ]);
    expect(await channel.sendMedia({ ...context, mediaUrl: "media:abc" }, signal)).toMatchObject({
      ok: false,
      retryability: { kind: "terminal" },
    });
    expect(receiver.requests).toHaveLength(3);
  });
});

describe("an answer", () => {
  test.each([
    [200, "sent"],
    [204, "sent"],
    [299, "sent"],
    [301, "terminal"],
    [400, "terminal"],
    [401, "terminal"],
    [404, "terminal"],
    [429, "transient"],
    [500, "transient"],
    [503, "transient"],
  ])("of %i means that the message is %s", async (status, expected) => {
    await using receiver = await startReceiver(answers(status));
    const result = await webhook({ url: receiver.url }).sendText(context, signal);
    expect(result.ok ? "sent" : result.retryability.kind).toBe(expected);
    if (!result.ok) expect(result.error).toContain(`HTTP ${status}`);
  });

  test("tells how long to wait", async () => {
    await using receiver = await startReceiver(answers(429, { "Retry-After": "7" }));
    expect(await webhook({ url: receiver.url }).sendText(context, signal)).toMatchObject({
      retryability: { kind: "transient", retryAfterMs: 7000 },
    });
  });

  test("that does not come leaves open whether the message arrived", async () => {
    const none: PostAnswer = { kind: "none", say: "gone", isTransient: true, mayHaveArrived: true };
    const settings = { url: "https://example.org", headers: {}, allowPrivate: false };
    const channel = createWebhook(settings, { post: async () => none, nowMs: () => nowMs });
    expect(await channel.sendText(context, signal)).toEqual({
      ok: false,
      error: "gone",
      retryability: { kind: "transient" },
      mayHaveArrived: true,
    });
  });

  test("of nobody is tried again, and says no address", async () => {
    const receiver = await startReceiver();
    const { url } = receiver;
    await receiver[Symbol.asyncDispose]();
    const result = await webhook({ url }).sendText(context, signal);
    expect(result).toMatchObject({ ok: false, retryability: { kind: "transient" } });
    expect(JSON.stringify(result)).not.toContain("127.0.0.1");
  });
});

describe("the address", () => {
  test("leads to this machine only where the owner says so", async () => {
    await using receiver = await startReceiver();
    const { url } = receiver;
    const result = await webhook({ url: url.replace("http:", "https:"), allowPrivate: false }).sendText(
      context,
      signal,
    );
    expect(result).toMatchObject({ ok: false, retryability: { kind: "terminal" } });
    expect(JSON.stringify(result)).toContain("webhook.allowPrivate");
    expect(receiver.requests).toEqual([]);
  });

  test.each([
    ["https://example.org/in", false, undefined],
    ["https://example.org/in", true, undefined],
    ["http://example.org/in", true, "https"],
    ["http://example.org/in", false, "https"],
    ["http://127.0.0.1:9000/in", true, undefined],
    ["http://192.168.1.5/in", true, undefined],
    ["http://localhost:9000/", true, undefined],
    ["https://127.0.0.1:9000/in", false, "webhook.allowPrivate"],
    ["https://169.254.169.254/", true, "not public"],
    ["https://user:pass@example.org/", false, "user name"],
    ["ftp://example.org/", true, "protocol"],
    ["example", true, "URL"],
  ])("%s (own network allowed: %p)", async (url, allowPrivate, fault) => {
    const said = await checkWebhookUrl(url, allowPrivate);
    if (fault === undefined) expect(said).toBeUndefined();
    else expect(said).toContain(fault);
  });

  test("that cannot be used is an error of the channel, with what to do", async () => {
    const said: unknown[] = [];
    const report = (...status: unknown[]) => void said.push(status);
    await webhook({ url: "http://example.org" }).start?.(report);
    await webhook({}).start?.(report);
    expect(said).toEqual([["error", expect.stringContaining("webhook.url")], ["connected"]]);
  });
});

test("a webhook that was logged out sends nothing more", async () => {
  await using receiver = await startReceiver();
  const channel = webhook({ url: receiver.url });
  await channel.logout?.();
  expect(await channel.sendText(context, signal)).toMatchObject({
    ok: false,
    error: "the channel is logged out",
  });
  expect(receiver.requests).toEqual([]);
});
