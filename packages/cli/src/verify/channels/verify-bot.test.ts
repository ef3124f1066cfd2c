import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  breaks,
  discordReplies,
  discordTestToken,
  page,
  startDiscordServer,
  startTelegramServer,
  telegramReplies,
  telegramTestToken,
  type VendorServer,
} from "@carapace/channels/testing";
import { emptyHome, type Home, runCara } from "../../../testing/cara.ts";
import { configure, lines, prove } from "../../../testing/prove.ts";

let telegram: VendorServer;
let discord: VendorServer;
let home: Home;
beforeAll(async () => {
  telegram = await startTelegramServer({ unknownChats: ["404"] });
  discord = await startDiscordServer({ unknownChannels: ["10000000000000404"] });
});
afterAll(async () => {
  await telegram[Symbol.asyncDispose]();
  await discord[Symbol.asyncDispose]();
});
beforeEach(() => {
  for (const server of [telegram, discord]) server.behave(() => undefined);
  home?.[Symbol.dispose]();
  home = emptyHome();
});
afterAll(() => home[Symbol.dispose]());

const channelId = "10000000000000001";
const telegramEnv = () => ({
  TELEGRAM_BOT_TOKEN: telegramTestToken,
  TELEGRAM_BASE_URL: `${telegram.baseUrl}/`,
});

/** What became of the checks of a bot whose settings stand in the configuration. */
async function verifyBot(outcome: "telegram" | "discord", to: string | undefined) {
  const [server, token] =
    outcome === "telegram" ? [telegram, telegramTestToken] : [discord, discordTestToken];
  configure(home, { [outcome]: { botToken: token, baseUrl: server.baseUrl } });
  const report = await prove({ home, outcome, to: to === undefined ? {} : { [outcome]: to } });
  expect(JSON.stringify(report)).not.toContain(token);
  return report;
}

describe.each(["telegram", "discord"] as const)("%s", (outcome) => {
  const label = outcome === "telegram" ? "Telegram" : "Discord";
  const server = () => (outcome === "telegram" ? telegram : discord);
  const to = outcome === "telegram" ? "4711" : channelId;

  test("a real message goes through the channel's own outbound half, stamped with the time", async () => {
    const before = server().calls.length;
    const report = await verifyBot(outcome, to);
    expect(report.ok).toBe(true);
    expect(lines(report)).toEqual([
      `PASS ${label} credentials`,
      `PASS ${label} token check`,
      `PASS ${label} send path`,
    ]);
    const said = JSON.stringify(server().calls.slice(before).at(-1)?.fields);
    expect(said).toMatch(
      /Carapace verify: this message was sent at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \(UTC\)\./,
    );
    expect(report.checks[2]?.detail).toMatch(/^a message stamped \S+Z was sent to \d+ \(message \d+\)$/);
  });

  test("without a destination nothing is sent, and the step names the option", async () => {
    const before = server().calls.length;
    const report = await verifyBot(outcome, undefined);
    expect(report.ok).toBe(true);
    expect(report.checks[2]).toMatchObject({ status: "SKIP", name: `${label} send path` });
    expect(report.checks[2]?.nextStep).toContain(`--${outcome}-to`);
    expect(server().calls).toHaveLength(before + 1);
  });

  test("without a token it says where one comes from", async () => {
    const report = await prove({ home, outcome });
    expect(lines(report)).toEqual([`FAIL ${label} credentials`]);
    expect(report.checks[0]?.nextStep).toContain(`cara secrets set ${outcome}.botToken`);
  });

  test("a refused token leaves the send path out", async () => {
    server().behave(() =>
      outcome === "telegram" ? telegramReplies.unauthorized : discordReplies.unauthorized,
    );
    const report = await verifyBot(outcome, to);
    expect(lines(report)).toEqual([
      `PASS ${label} credentials`,
      `FAIL ${label} token check`,
      `SKIP ${label} send path`,
    ]);
    expect(report.checks[1]?.nextStep).toContain(`cara secrets set ${outcome}.botToken`);
  });

  test("a vendor that cannot be reached or takes no more is waited for, not blamed on the token", async () => {
    server().behave(() => breaks);
    const gone = await verifyBot(outcome, to);
    expect(gone.checks[1]?.nextStep).toStartWith("check the internet connection");
    const tooMany = outcome === "telegram" ? telegramReplies.tooMany(7) : discordReplies.tooMany(7);
    server().replyWith(tooMany);
    const busy = await verifyBot(outcome, to);
    expect(busy.checks[1]?.nextStep).toStartWith("wait a minute");
    server().behave((_, number) => (number === 1 ? undefined : tooMany));
    const later = await verifyBot(outcome, to);
    expect(later.checks[2]?.nextStep).toBe("wait 7 s, then run cara verify again");
  });

  test("a page of something on the way is not shown", async () => {
    server().behave(() => page(502));
    const report = await verifyBot(outcome, to);
    expect(report.checks[1]?.detail).toBe(`${label}: HTTP 502`);
  });

  test("an address that cannot be the vendor's is told before the token goes there", async () => {
    const token = outcome === "telegram" ? telegramTestToken : discordTestToken;
    configure(home, { [outcome]: { botToken: token, baseUrl: "http://example.org" } });
    const report = await prove({ home, outcome });
    expect(report.checks[1]?.detail).toContain("not encrypted");
    expect(report.checks[1]?.nextStep).toStartWith(`correct ${outcome}.baseUrl`);
  });
});

test.each([
  ["telegram", "404", telegramReplies.chatNotFound, /^write to the bot in Telegram first/],
  ["telegram", "4711", telegramReplies.blocked, /^unblock the bot/],
  ["telegram", "nobody", undefined, /^check --telegram-to \(a chat's number/],
  ["discord", "10000000000000404", discordReplies.unknownChannel, /^check the id after --discord-to/],
  ["discord", channelId, discordReplies.missingPermissions, /^invite the bot to that server/],
] as const)("%s: what keeps a message from %s has its own advice", async (outcome, to, reply, advice) => {
  const server = outcome === "telegram" ? telegram : discord;
  server.behave((_, number) => (number === 1 ? undefined : reply));
  const report = await verifyBot(outcome, to);
  expect(report.checks[2]).toMatchObject({ status: "FAIL", nextStep: expect.stringMatching(advice) });
});

test("the environment comes first, and a token of the file that differs is told", async () => {
  configure(home, { telegram: { botToken: "1:other", enabled: false } });
  const report = await prove({ home, env: telegramEnv(), outcome: "telegram" });
  expect(lines(report)[1]).toBe("PASS Telegram token check");
  expect(report.checks[0]?.detail).toBe(
    "the token is set by TELEGRAM_BOT_TOKEN; telegram.botToken is another one, and the gateway uses that; telegram.enabled is false, so the gateway does not use it",
  );
});

test("a sealed token that does not open asks for the password", async () => {
  configure(home, { telegram: { botToken: telegramTestToken, baseUrl: telegram.baseUrl } });
  const password = { CARAPACE_CONFIG_PASSWORD: "a password" };
  expect((await runCara(["config", "seal"], { home, env: password })).code).toBe(0);
  const locked = await prove({ home, outcome: "telegram" });
  expect(lines(locked)).toEqual(["FAIL Telegram credentials"]);
  expect(locked.checks[0]?.nextStep).toContain("CARAPACE_CONFIG_PASSWORD");
  const opened = await prove({ home, env: password });
  expect(opened).toMatchObject({ outcome: "telegram", ok: true });
});

test("the whole command, as a person sees it", async () => {
  const words = ["verify", "--outcome", "telegram", "--telegram-to", "4711"];
  const ran = await runCara(words, { home, env: telegramEnv() });
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain(
    "[PASS] Telegram token check: the token is that of @carapace_test_bot (7000000001)",
  );
  expect(ran.stdout).toEndWith("telegram works.\n");
  expect(ran.stdout + ran.stderr).not.toContain(telegramTestToken);
});
