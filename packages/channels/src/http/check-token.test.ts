import { describe, expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import { discordVendor } from "../discord/vendor.ts";
import { telegramVendor } from "../telegram/vendor.ts";
import { discordReplies, discordTestToken, startDiscordServer } from "../testing/vendors/discord-server.ts";
import { breaks, garbage, huge, json, page, silence } from "../testing/vendors/reply.ts";
import {
  startTelegramServer,
  telegramReplies,
  telegramTestToken,
} from "../testing/vendors/telegram-server.ts";
import { checkToken } from "./check-token.ts";

const vendors = [
  {
    name: "Telegram",
    start: startTelegramServer,
    vendor: telegramVendor,
    token: telegramTestToken,
    bot: { name: "@carapace_test_bot", id: "7000000001" },
    path: `/bot${telegramTestToken}/getMe`,
    replies: { unauthorized: telegramReplies.unauthorized, tooMany: telegramReplies.tooMany(3) },
    other: "1:other",
  },
  {
    name: "Discord",
    start: startDiscordServer,
    vendor: discordVendor,
    token: discordTestToken,
    bot: { name: "carapace-test", id: "1290000000000000001" },
    path: "/users/@me",
    replies: { unauthorized: discordReplies.unauthorized, tooMany: discordReplies.tooMany(3) },
    other: "other",
  },
] as const;

const { signal } = new AbortController();

describe.each(vendors)("the token of $name", ({ start, vendor, token, bot, path, replies, other }) => {
  const settings = (baseUrl: string, text: string = token) => ({ botToken: new Secret(text), baseUrl });

  test("that is valid tells whose it is", async () => {
    await using server = await start();
    expect(await checkToken(vendor, settings(server.baseUrl), signal)).toEqual({ ok: true, value: bot });
    expect(server.calls).toMatchObject([{ verb: "GET", path }]);
  });

  test("that the vendor does not know is refused as such", async () => {
    await using server = await start();
    expect(await checkToken(vendor, settings(server.baseUrl, other), signal)).toMatchObject({
      ok: false,
      code: "unauthorized",
      say: expect.stringContaining("Unauthorized (HTTP 401)"),
    });
  });

  test.each(["", "with blank", "line\nbreak", "a/b", "a?b", "ä"])(
    "%j is none, and nobody is asked",
    async (text) => {
      await using server = await start();
      const refused = await checkToken(vendor, settings(server.baseUrl, text), signal);
      expect(refused).toMatchObject({ ok: false, code: "unauthorized" });
      if (!refused.ok) expect(refused.say).toContain("cara secrets set");
      expect(server.calls).toEqual([]);
    },
  );

  test.each([
    ["of too many", replies.tooMany, "rate_limited"],
    ["of a failure", page(502), "unavailable"],
    ["that breaks off", breaks, "unavailable"],
    ["of nothing readable", garbage, "unavailable"],
    ["without end", huge, "unavailable"],
    ["of somebody else", json(200, { hello: "world" }), "unavailable"],
    ["of a proxy that knows no such page", page(404), "forbidden"],
    ["that redirects", json(302, {}, { location: "https://example.org" }), "forbidden"],
  ] as const)("after an answer %s is not known", async (_, reply, code) => {
    await using server = await start();
    server.replyWith(reply);
    const refused = await checkToken(vendor, settings(server.baseUrl), signal);
    expect(refused).toMatchObject({ ok: false, code });
    expect(JSON.stringify(refused)).not.toContain(token.slice(-12));
    expect(JSON.stringify(refused)).not.toContain("127.0.0.1");
  });

  test("is that of a bot whose name cannot draw on a screen", async () => {
    await using server = await start();
    const name = "a\u001b[2Jb\u202e";
    const user = { id: "12", username: name };
    server.replyWith(json(200, { ok: true, result: { id: 12, first_name: name }, ...user }));
    const checked = await checkToken(vendor, settings(server.baseUrl), signal);
    expect(checked).toEqual({ ok: true, value: { name: "a[2Jb", id: "12" } });
  });

  test("is not waited for longer than its caller likes", async () => {
    await using server = await start();
    server.replyWith(silence);
    const caller = new AbortController();
    const checking = checkToken(vendor, settings(server.baseUrl), caller.signal);
    await server.called(1);
    caller.abort();
    expect(await checking).toMatchObject({ ok: false, code: "unavailable" });
  });

  test("is not sent to an address without encryption", async () => {
    expect(await checkToken(vendor, settings("http://bots.example.org"), signal)).toMatchObject({
      ok: false,
      code: "forbidden",
      say: expect.stringContaining("use https"),
    });
  });
});
