import { describe, expect, test } from "bun:test";
import {
  discordTestToken,
  page,
  silence,
  startDiscordServer,
  startTelegramServer,
  telegramReplies,
  telegramTestToken,
} from "@carapace/channels/testing";
import { taskCaller, until } from "../tasks/testing/call.ts";
import { startTestGateway, type TestGateway, type TestLink } from "../testing/index.ts";

const control = { gateway: { control: { enabled: true } } };

type Shown = Readonly<Record<string, unknown>>;

async function status(link: TestLink, id: string): Promise<Shown> {
  const { channels } = (await link.call("channels.status")).payload;
  const found: unknown = (Array.isArray(channels) ? channels : []).find((channel) => channel.id === id);
  return Object(found);
}

/** Until the check at the start is over. */
async function checked(link: TestLink, id: string): Promise<Shown> {
  for (;;) {
    const shown = await status(link, id);
    if (shown["status"] !== "connecting") return shown;
    await Bun.sleep(20);
  }
}

async function sentOrFailed(link: TestLink, id: unknown): Promise<Shown> {
  for (;;) {
    const { messages } = (await link.call("outbox.list", { id })).payload;
    const [message] = Array.isArray(messages) ? messages : [];
    if (message.status === "sent" || message.status === "failed") return message;
    await Bun.sleep(20);
  }
}

async function expectNoToken({ connect }: TestGateway, token: string): Promise<void> {
  using link = await connect();
  for (const method of ["channels.status", "outbox.list", "logs.tail", "audit.tail", "config.get"] as const)
    expect(JSON.stringify((await link.call(method)).payload)).not.toContain(token);
}

describe("a bot", () => {
  test("of Telegram sends what is asked for, in pieces where it is long, with the vendor's receipt", async () => {
    await using server = await startTelegramServer();
    const telegram = { botToken: telegramTestToken, baseUrl: server.baseUrl };
    await using gateway = await startTestGateway({ config: { telegram } });
    using link = await gateway.connect();
    const letter = { to: "77", message: `${"a".repeat(4000)}\n\n${"b".repeat(4000)}`, idempotencyKey: "k" };
    const { payload } = await link.call("send", letter);
    expect(payload).toMatchObject({ channel: "telegram" });
    const receipt = { messageId: "102", conversationId: "77" };
    expect(await sentOrFailed(link, payload["messageId"])).toMatchObject({
      status: "sent",
      parts: 2,
      receipt,
    });
    const texts = server.calls.map(({ fields }) => String(fields["text"]).slice(0, 1));
    expect(texts.slice(1)).toEqual(["a", "b"]);
    expect(await status(link, "telegram")).toMatchObject({ name: "Telegram", status: "connected" });
    await expectNoToken(gateway, telegramTestToken);
  });

  test("needs its token in the environment only", async () => {
    await using server = await startDiscordServer();
    const env = { DISCORD_BOT_TOKEN: discordTestToken, DISCORD_BASE_URL: server.baseUrl };
    await using gateway = await startTestGateway({ env, config: control });
    using link = await gateway.connect();
    const letter = { to: "1200000000000000001", message: "hello", idempotencyKey: "k", channel: "discord" };
    const { payload } = await link.call("send", letter);
    expect(await sentOrFailed(link, payload["messageId"])).toMatchObject({ status: "sent", attempts: 1 });
    expect(server.calls.at(-1)?.fields).toMatchObject({ content: "hello", enforce_nonce: true });
    const headers = { Authorization: `Bearer ${gateway.token}` };
    const answer = await fetch(`http://127.0.0.1:${gateway.gateway.port}/control/channels`, { headers });
    const { channels } = Object(await answer.json());
    expect(channels).toContainEqual({
      id: "discord",
      name: "Discord",
      status: "connected",
      lastConnectedAt: expect.any(String),
    });
    await expectNoToken(gateway, discordTestToken);
  });

  test("may have its token in the file's own variables, where the file says nothing else", async () => {
    await using server = await startTelegramServer();
    const env = { TELEGRAM_BOT_TOKEN: telegramTestToken, TELEGRAM_BASE_URL: server.baseUrl };
    await using gateway = await startTestGateway({ config: { env }, env: { TELEGRAM_BOT_TOKEN: "1:other" } });
    using link = await gateway.connect();
    expect(await checked(link, "telegram")).toMatchObject({ status: "connected" });
    await expectNoToken(gateway, telegramTestToken);
  });

  test("that is switched off, or has no token, is not there, whatever the environment has", async () => {
    const env = { TELEGRAM_BOT_TOKEN: telegramTestToken };
    const config = { telegram: { enabled: false }, discord: { enabled: true } };
    await using gateway = await startTestGateway({ env, config });
    using link = await gateway.connect();
    expect((await link.call("channels.status")).payload).toMatchObject({ total: 1 });
  });
});

describe("at the start", () => {
  const config = (baseUrl: string) => ({ telegram: { botToken: telegramTestToken, baseUrl } });

  test("a token that the vendor refuses is an error of the channel, with the vendor's word, and no more", async () => {
    await using server = await startTelegramServer({ token: "1:other" });
    await using gateway = await startTestGateway({ config: config(server.baseUrl) });
    using link = await gateway.connect();
    expect(await checked(link, "telegram")).toMatchObject({
      status: "error",
      metadata: { last_error: expect.stringContaining("Unauthorized (HTTP 401)") },
    });
    const letter = { to: "77", message: "hello", idempotencyKey: "k" };
    const { payload } = await link.call("send", letter);
    const { messages } = (await link.call("outbox.list", { id: payload["messageId"] })).payload;
    expect(messages).toMatchObject([{ status: "queued", waitsFor: expect.stringContaining("in error") }]);
    await expectNoToken(gateway, telegramTestToken);
  });

  test.each([
    ["has trouble", page(502)],
    ["has had enough", telegramReplies.tooMany(3)],
  ])("a vendor that %s is a warning only", async (_, reply) => {
    await using server = await startTelegramServer();
    server.replyWith(reply);
    await using gateway = await startTestGateway({ config: config(server.baseUrl) });
    using link = await gateway.connect();
    expect(await checked(link, "telegram")).toMatchObject({ status: "connected" });
    expect(JSON.stringify((await link.call("logs.tail")).payload)).toContain("a channel is in error");
  });

  test("a vendor that does not answer holds up neither the gateway nor its end", async () => {
    await using server = await startTelegramServer();
    server.behave(() => silence);
    await using gateway = await startTestGateway({ config: config(server.baseUrl) });
    using link = await gateway.connect();
    await server.called(1);
    expect(await status(link, "telegram")).toMatchObject({ status: "connecting" });
    expect((await fetch(`http://127.0.0.1:${gateway.gateway.port}/health/ready`)).status).toBe(200);
    const { promise, resolve } = Promise.withResolvers<void>();
    server.hungUp(resolve);
    await gateway.gateway.close("test");
    await promise;
  });
});

test("a Matrix account, whose channel comes later, does not keep the gateway from starting", async () => {
  const account = { homeserverUrl: "https://m.org", userId: "@a:m.org", password: "p", storePassphrase: "s" };
  await using gateway = await startTestGateway({ config: { matrix: account } });
  using link = await gateway.connect();
  expect((await link.call("channels.status")).payload).toMatchObject({ total: 1, connected: 1 });
});

describe("a job's reply", () => {
  test("goes to the chat that a schedule names", async () => {
    await using server = await startTelegramServer();
    const telegram = { botToken: telegramTestToken, baseUrl: server.baseUrl };
    await using gateway = await startTestGateway({ config: { telegram }, replies: ["Nothing new."] });
    using link = await gateway.connect();
    const payload = { kind: "agentTurn", message: "look", deliver: true, channel: "telegram", to: "77" };
    const schedule = { kind: "every", everyMs: 3_600_000 };
    const job = { name: "news", schedule, payload, sessionTarget: "isolated" };
    const { id: jobId } = Object((await link.call("cron.add", job)).payload["job"]);
    await link.call("cron.run", { jobId, mode: "force" });
    expect(await link.event("cron", ({ status }) => status === "completed")).toMatchObject({ jobId });
    expect(server.calls.at(-1)?.fields).toMatchObject({ chat_id: "77", text: "Nothing new." });
  });

  test("goes to the channel that a task names; what the vendor refuses blocks it with the vendor's word", async () => {
    await using server = await startDiscordServer({ unknownChannels: ["1200000000000000002"] });
    const discord = { botToken: discordTestToken, baseUrl: server.baseUrl };
    await using gateway = await startTestGateway({
      config: { ...control, discord },
      replies: ["Sunny.", "Sunny."],
    });
    const call = taskCaller(gateway);
    const payload = { kind: "agentTurn", message: "weather?", deliver: true, channel: "discord" };
    const there = await call("POST", "", { payload: { ...payload, to: "1200000000000000001" } });
    expect(await until(call, there.task["id"], "done")).toMatchObject({ lastError: null });
    expect(server.calls.at(-1)?.fields).toMatchObject({ content: "Sunny." });
    const gone = await call("POST", "", { payload: { ...payload, to: "1200000000000000002" } });
    const blocked = await until(call, gone.task["id"], "blocked");
    expect(String(blocked["lastError"])).toContain("Discord: Unknown Channel (HTTP 404)");
  });
});
