import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import type { OutboundContext } from "../adapter.ts";
import type { Failure } from "../http/failure.ts";
import { breaks, garbage, huge, json, page, type Reply } from "../testing/vendors/reply.ts";
import {
  startTelegramServer,
  telegramReplies,
  telegramTestToken,
} from "../testing/vendors/telegram-server.ts";
import type { VendorServer } from "../testing/vendors/vendor-server.ts";
import { createTelegram } from "./telegram.ts";

const { signal } = new AbortController();
const context: OutboundContext = { to: "77", text: "hello", idempotencyKey: "k" };
const botToken = new Secret(telegramTestToken);

/** What a failure means for the message. */
type Means = Omit<Failure, "ok" | "error">;

let server: VendorServer;
beforeAll(async () => {
  server = await startTelegramServer({ unknownChats: ["404"] });
});
afterAll(async () => await server[Symbol.asyncDispose]());

const telegram = (baseUrl = server.baseUrl) => createTelegram({ botToken, baseUrl });
const sent = async (more: Partial<OutboundContext>) =>
  await telegram().sendText({ ...context, ...more }, signal);

describe("a message", () => {
  test("has its chat, its text as it is, its reply and its thread", async () => {
    const text = "*not* <b>formatted</b> \\_ 👋";
    const result = await sent({ to: " -1001234567890 ", text, replyToId: "12", threadId: "7" });
    expect(result).toEqual({
      ok: true,
      messageId: expect.stringMatching(/^\d+$/),
      conversationId: "-1001234567890",
    });
    const call = server.calls.at(-1);
    expect(call?.path).toBe(`/bot${telegramTestToken}/sendMessage`);
    expect(call?.fields).toEqual({
      chat_id: "-1001234567890",
      text,
      reply_to_message_id: 12,
      allow_sending_without_reply: true,
      message_thread_id: 7,
    });
  });

  test.each([
    [{ to: "my mother" }, "a chat is a number"],
    [{ to: "77/../88" }, "a chat is a number"],
    [{ to: "@" }, "a chat is a number"],
    [{ replyToId: "abc" }, "replied to must be a number"],
    [{ replyToId: "1.5" }, "replied to must be a number"],
    [{ replyToId: "99999999999999999999" }, "replied to must be a number"],
    [{ threadId: "general" }, "thread must be a number"],
    [{ text: " \n" }, "empty"],
    [{ text: "x".repeat(4097) }, "at most 4096"],
  ])("of %j is refused here, and nobody is asked", async (more, say) => {
    const before = server.calls.length;
    expect(await sent(more)).toEqual({
      ok: false,
      error: expect.stringContaining(say),
      retryability: { kind: "terminal" },
    });
    expect(server.calls).toHaveLength(before);
  });

  test("with media carries the file under its name, with its caption", async () => {
    using files = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("FILE") });
    const settings = { botToken, baseUrl: server.baseUrl, mediaAddresses: () => ({ allowPrivate: true }) };
    const mediaUrl = `http://127.0.0.1:${files.port}/a%20b.txt`;
    const channel = createTelegram(settings);
    const media = { ...context, text: "look", mediaUrl, threadId: "7" };
    expect(await channel.sendMedia(media, signal)).toMatchObject({ ok: true, conversationId: "77" });
    const call = server.calls.at(-1);
    expect(call?.fields).toMatchObject({ chat_id: "77", caption: "look", message_thread_id: "7" });
    const [file] = call?.files ?? [];
    expect(file?.name).toBe("a_b.txt");
    expect(Buffer.from(file?.bytes ?? []).toString()).toBe("FILE");
    expect(await channel.sendMedia({ ...media, text: "x".repeat(1025) }, signal)).toMatchObject({
      ok: false,
    });
    expect(await channel.sendText({ ...media, text: "only this" }, signal)).toMatchObject({ ok: true });
    expect(server.calls.at(-1)?.path).toEndWith("sendMessage");
  });

  test("with media from this machine is refused", async () => {
    const media = { ...context, mediaUrl: `${server.baseUrl}/x` };
    const before = server.calls.length;
    expect(await telegram().sendMedia(media, signal)).toMatchObject({
      ok: false,
      retryability: { kind: "terminal" },
    });
    expect(server.calls).toHaveLength(before);
  });
});

describe("an answer", () => {
  const terminal: Means = { retryability: { kind: "terminal" } };
  const later = (retryAfterMs?: number): Means => ({
    retryability: { kind: "transient", ...(retryAfterMs && { retryAfterMs }) },
  });
  const open: Means = { ...later(), mayHaveArrived: true };
  const moved = telegramReplies.refused(400, "Bad Request: group chat was upgraded to a supergroup chat", {
    migrate_to_chat_id: -100777,
  });
  const cases: readonly (readonly [string, Reply, string, Means])[] = [
    ["401", telegramReplies.unauthorized, "Telegram: Unauthorized (HTTP 401)", terminal],
    ["403", telegramReplies.blocked, "bot was blocked by the user", terminal],
    ["409", telegramReplies.conflict, "Conflict", terminal],
    ["that the group has moved", moved, "write to -100777 from now on", terminal],
    ["429 in the body", telegramReplies.tooMany(5), "retry after 5", later(5000)],
    ["429 of a proxy", page(429, { "retry-after": "9" }), "HTTP 429", later(9000)],
    ["500", telegramReplies.serverError, "Internal Server Error", later()],
    ["503 of a proxy", page(503), "HTTP 503", later()],
    ["502", page(502), "HTTP 502", open],
    ["of nothing readable", garbage, "cannot be read", open],
    ["without end", huge, "larger", open],
    ["that breaks off", breaks, "broke", open],
    ["of success that is none", json(200, { ok: 1 }), "read", open],
  ];
  test.each(cases)("%s is told as what it is, without the token", async (_, reply, say, means) => {
    server.replyWith(reply);
    const result = await sent({});
    expect(result).toEqual({ ok: false, error: expect.stringContaining(say), ...means });
    expect(JSON.stringify(result)).not.toContain(telegramTestToken.slice(-10));
  });

  test("of success without a message is one", async () => {
    server.replyWith(json(200, { ok: true, result: true }));
    expect(await sent({})).toEqual({ ok: true });
  });

  test("that redirects is not followed: the token goes nowhere else", async () => {
    await using elsewhere = await startTelegramServer();
    server.replyWith(json(307, {}, { location: `${elsewhere.baseUrl}/bot${telegramTestToken}/sendMessage` }));
    expect(await sent({})).toMatchObject({ ok: false, retryability: { kind: "terminal" } });
    expect(elsewhere.calls).toEqual([]);
  });

  test("of 401 puts the channel into error, so that the rest waits", async () => {
    const said: unknown[] = [];
    const channel = telegram();
    await channel.start?.((...status) => void said.push(status));
    server.replyWith(telegramReplies.unauthorized);
    await channel.sendText(context, signal);
    expect(said).toEqual([["connected"], ["error", "Telegram: Unauthorized (HTTP 401)"]]);
  });
});

test.each(["http://bots.example.org", "https://me:pw@example.org", "x"])(
  "nothing is sent to %s, and the channel says why",
  async (baseUrl) => {
    const said: unknown[] = [];
    const channel = telegram(baseUrl);
    await channel.start?.((...status) => void said.push(status));
    expect(said).toEqual([["error", expect.stringContaining("telegram.baseUrl")]]);
    expect(await channel.sendText(context, signal)).toMatchObject({
      error: expect.stringContaining("telegram.baseUrl"),
      retryability: { kind: "terminal" },
    });
  },
);

test("a token that is none is not put into an address", async () => {
  const before = server.calls.length;
  const channel = createTelegram({ botToken: new Secret("1:a/../x?"), baseUrl: server.baseUrl });
  expect(await channel.sendText(context, signal)).toMatchObject({
    error: expect.stringContaining("@BotFather"),
    retryability: { kind: "terminal" },
  });
  expect(server.calls).toHaveLength(before);
});
