import { afterAll, beforeAll, describe, expect, setSystemTime, test } from "bun:test";
import { Secret } from "@carapace/config";
import type { OutboundContext } from "../adapter.ts";
import type { Failure } from "../http/failure.ts";
import { discordReplies, discordTestToken, startDiscordServer } from "../testing/vendors/discord-server.ts";
import { breaks, garbage, huge, json, page, type Reply, silence } from "../testing/vendors/reply.ts";
import type { VendorServer } from "../testing/vendors/vendor-server.ts";
import { createDiscord } from "./discord.ts";
import { nonceOf } from "./nonce.ts";

const { signal } = new AbortController();
const to = "1200000000000000001";
const botToken = new Secret(discordTestToken);

/** What a failure means for the message. */
type Means = Omit<Failure, "ok" | "error">;

let server: VendorServer;
let keys = 0;
beforeAll(async () => {
  server = await startDiscordServer();
});
afterAll(async () => await server[Symbol.asyncDispose]());

const discord = () => createDiscord({ botToken, baseUrl: server.baseUrl });
const context = (more: Partial<OutboundContext> = {}) => ({
  to,
  text: "hello",
  idempotencyKey: `k${keys++}`,
  ...more,
});
const sent = async (more: Partial<OutboundContext> = {}) => await discord().sendText(context(more), signal);

describe("a message", () => {
  test("has its words, its reply and its key; it can call a person, never everybody", async () => {
    const result = await sent({ text: "hi @everyone", replyToId: "1300", idempotencyKey: "one" });
    expect(result).toEqual({ ok: true, messageId: expect.stringMatching(/^\d+$/), conversationId: to });
    const call = server.calls.at(-1);
    expect(call?.path).toBe(`/channels/${to}/messages`);
    expect(call?.headers.authorization).toBe(`Bot ${discordTestToken}`);
    expect(call?.headers["user-agent"]).toStartWith("DiscordBot (");
    expect(call?.fields).toEqual({
      content: "hi @everyone",
      message_reference: { message_id: "1300", fail_if_not_exists: false },
      nonce: nonceOf("one"),
      enforce_nonce: true,
      allowed_mentions: { parse: ["users"], replied_user: true },
    });
  });

  test("to a thread goes to the thread", async () => {
    expect(await sent({ threadId: "1200000000000000009" })).toMatchObject({
      conversationId: "1200000000000000009",
    });
  });

  test("that is sent again with its key is the same message there", async () => {
    const [one, two, other] = [
      await sent({ idempotencyKey: "same" }),
      await sent({ idempotencyKey: "same" }),
      await sent(),
    ];
    expect(two).toEqual(one);
    expect(other).not.toEqual(one);
  });

  test.each([
    [{ to: "general" }, "a channel is a number"],
    [{ to: "1/../../users/@me" }, "a channel is a number"],
    [{ threadId: "1?x" }, "a channel is a number"],
    [{ replyToId: "abc" }, "replied to must be a number"],
    [{ text: " " }, "empty"],
    [{ text: "x".repeat(2001) }, "at most 2000"],
  ])("of %j is refused here, and nobody is asked", async (more, say) => {
    const before = server.calls.length;
    expect(await sent(more)).toEqual({
      ok: false,
      error: expect.stringContaining(say),
      retryability: { kind: "terminal" },
    });
    expect(server.calls).toHaveLength(before);
  });

  test("with media carries the file under its name and type, and needs no words", async () => {
    const headers = { "content-type": "image/png" };
    using files = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response("FILE", { headers }),
    });
    const settings = { botToken, baseUrl: server.baseUrl, mediaAddresses: () => ({ allowPrivate: true }) };
    const mediaUrl = `http://127.0.0.1:${files.port}/x/a.png`;
    const media = context({ text: "", mediaUrl });
    expect(await createDiscord(settings).sendMedia(media, signal)).toMatchObject({ ok: true });
    const call = server.calls.at(-1);
    expect(JSON.parse(String(call?.fields["payload_json"]))).toEqual({
      attachments: [{ id: 0, filename: "a.png" }],
      nonce: nonceOf(media.idempotencyKey),
      enforce_nonce: true,
      allowed_mentions: { parse: ["users"], replied_user: true },
    });
    expect(call?.files).toMatchObject([{ field: "files[0]", name: "a.png", type: "image/png" }]);
    expect(await discord().sendMedia(media, signal)).toMatchObject({ retryability: { kind: "terminal" } });
  });
});

/** The first answer tells which bucket it is. */
function emptied(seconds: string): readonly Reply[] {
  const headers = {
    "x-ratelimit-limit": "1",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset-after": seconds,
    "x-ratelimit-bucket": "b1",
  };
  const reply = json(200, { id: "1", channel_id: to }, headers);
  return [reply, reply];
}

describe("an answer", () => {
  const terminal: Means = { retryability: { kind: "terminal" } };
  const later = (retryAfterMs?: number): Means => ({
    retryability: { kind: "transient", ...(retryAfterMs && { retryAfterMs }) },
  });
  const open: Means = { ...later(), mayHaveArrived: true };
  const tooLong = {
    code: 50_035,
    message: "Invalid Form Body",
    errors: { embeds: { "0": { title: { _errors: [{ code: "X", message: "Too long." }] } } } },
  };
  const cases: readonly (readonly [string, Reply, string, Means])[] = [
    ["401", discordReplies.unauthorized, "Discord: 401: Unauthorized (HTTP 401)", terminal],
    ["403", discordReplies.missingPermissions, "Missing Permissions", terminal],
    ["404", discordReplies.unknownChannel, "Unknown Channel", terminal],
    ["400 of a form", json(400, tooLong), "Invalid Form Body: embeds.0.title Too long.", terminal],
    ["400 of no form", json(400, { code: 1 }), "Discord: HTTP 400", terminal],
    ["429 in header and body", discordReplies.tooMany(2.5), "rate limited", later(3000)],
    ["429 in the body only", discordReplies.tooMany(0.25, { header: false }), "rate limited", later(250)],
    ["429 of all", discordReplies.tooMany(1, { isGlobal: true }), "rate limited", later(1000)],
    ["429 of a proxy", page(429, { "retry-after": "600" }), "HTTP 429", later(600_000)],
    ["500", discordReplies.serverError, "Internal Server Error", later()],
    ["502", page(502), "HTTP 502", open],
    ["of nothing readable", garbage, "cannot be read", open],
    ["without end", huge, "larger", open],
    ["that breaks off", breaks, "broke", open],
  ];
  test.each(cases)("%s is told as what it is, without the token", async (_, reply, say, means) => {
    server.replyWith(reply);
    const result = await sent();
    expect(result).toEqual({ ok: false, error: expect.stringContaining(say), ...means });
    expect(JSON.stringify(result)).not.toContain(discordTestToken.slice(-10));
  });

  test("that says a bucket is empty keeps the next message back, and says for how long", async () => {
    const channel = discord();
    server.replyWith(...emptied("30"));
    for (const _ of "12") expect(await channel.sendText(context(), signal)).toMatchObject({ ok: true });
    const before = server.calls.length;
    const result = await channel.sendText(context(), signal);
    expect(server.calls).toHaveLength(before);
    const waitMs =
      result.ok || result.retryability.kind === "terminal" ? 0 : result.retryability.retryAfterMs;
    expect(waitMs).toBeGreaterThan(25_000);
    expect(waitMs).toBeLessThanOrEqual(30_000);
  });

  test.each(["1e308", "99999999999"])(
    "that empties a bucket for %s s keeps the next message back for an hour",
    async (seconds) => {
      const channel = discord();
      server.replyWith(...emptied(seconds));
      for (const _ of "12") expect(await channel.sendText(context(), signal)).toMatchObject({ ok: true });
      const retryAfterMs = expect.closeTo(3_600_000, -4) as unknown as number;
      expect(await channel.sendText(context(), signal)).toMatchObject({ retryability: { retryAfterMs } });
    },
  );

  test("whose bucket is empty is forgotten once the clock was set back further than any wait", async () => {
    const channel = discord();
    server.replyWith(...emptied("30"));
    try {
      for (const _ of "12") expect(await channel.sendText(context(), signal)).toMatchObject({ ok: true });
      setSystemTime(Date.now() - 86_400_000);
      const late = await channel.sendText(context(), signal);
      expect(late).toMatchObject({ ok: false, retryability: { retryAfterMs: 0 } });
      expect(await channel.sendText(context(), signal)).toMatchObject({ ok: true });
    } finally {
      setSystemTime();
    }
  });

  test("of 401 does not stop the client for good: a later message is asked for again", async () => {
    const channel = discord();
    server.replyWith(discordReplies.unauthorized);
    expect(await channel.sendText(context(), signal)).toMatchObject({ ok: false });
    expect(await channel.sendText(context(), signal)).toMatchObject({ ok: true });
  });
});

test("a message that waits behind another is called off with its signal, and was not sent", async () => {
  const channel = discord();
  server.behave((_, number) => (number === 1 ? silence : undefined));
  const [first, second] = [new AbortController(), new AbortController()];
  const before = server.calls.length;
  const one = channel.sendText(context(), first.signal);
  await server.called(before + 1);
  const two = channel.sendText(context(), second.signal);
  // It has come as far as it can come by itself.
  await new Promise((resolve) => setImmediate(resolve));
  second.abort();
  const late = await channel.sendText(context(), second.signal);
  expect(late).toMatchObject({ error: expect.stringContaining("called off") });
  expect(await two).toMatchObject({ ok: false, retryability: { kind: "transient" } });
  expect(await two).not.toHaveProperty("mayHaveArrived");
  first.abort();
  expect(await one).toMatchObject({ retryability: { kind: "transient" }, mayHaveArrived: true });
  expect(server.calls).toHaveLength(before + 1);
  server.replyWith();
});

test("a nonce is as long as Discord takes, and its key's own", () => {
  expect(nonceOf("a")).toMatch(/^[\w-]{25}$/);
  expect(nonceOf("a")).toBe(nonceOf("a"));
  expect(nonceOf("a")).not.toBe(nonceOf("b"));
});
