import { describe, expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import type { OutboxMessage } from "@carapace/state";
import { createDiscord } from "../discord/discord.ts";
import { carrying, endOf, enqueued, temporaryState, words } from "../testing/carried.ts";
import { sent, told } from "../testing/told.ts";
import { discordTestToken, startDiscordServer } from "../testing/vendors/discord-server.ts";
import { silence } from "../testing/vendors/reply.ts";
import { afterAttempt, afterInterruption } from "./decide.ts";
import { mayRepeat } from "./repeat.ts";

const forGood = { dedupes: true };
const forAMinute = { dedupes: true, dedupesForMs: 60_000 };
const never = { dedupes: false };
const lost = {
  ok: false,
  error: "gone",
  retryability: { kind: "transient" },
  mayHaveArrived: true,
} as const;

function sending(more: Partial<OutboxMessage> = {}): OutboxMessage {
  const times = { createdAtMs: 0, updatedAtMs: 1000 };
  const parts = [{ type: "text" as const, text: "a" }];
  const counts = { attempts: 1, maxAttempts: 8, partsSent: 0, seq: 1 };
  return {
    id: "m",
    channel: "c",
    to: "me",
    parts,
    source: { kind: "send" },
    status: "sending",
    ...counts,
    ...times,
    ...more,
  };
}

describe("what may have arrived", () => {
  test.each([
    [forGood, 10_000_000, true],
    [forAMinute, 60_999, true],
    [forAMinute, 61_000, false],
    [forAMinute, -60_000, false],
    [never, 1001, false],
  ])("may be sent again to %j at %i: %j", (channel, atMs, expected) => {
    expect(mayRepeat({ uncertainSinceMs: 1000 }, channel, atMs)).toBe(expected);
    expect(mayRepeat({}, channel, atMs)).toBe(true);
  });

  const judging = { backoff: { baseMs: 5000, factor: 2, capMs: 3_600_000 }, random: 1 };

  test("is tried again while it would be known, counted from the first attempt", () => {
    const first = afterAttempt(sending(), lost, { ...judging, channel: forAMinute, nowMs: 31_000 });
    expect(first).toMatchObject({ status: "queued", uncertainSinceMs: 1000, nextAttemptAtMs: 36_000 });
    const second = { ...first, status: "sending" as const, attempts: 2, updatedAtMs: 36_000 };
    const after = afterAttempt(second, lost, { ...judging, channel: forAMinute, nowMs: 55_000 });
    expect(after).toMatchObject({ status: "failed", mayHaveGoneOut: true, uncertainSinceMs: 1000 });
    expect(after.lastError).toContain("It may have gone out");
  });

  test("is not put off beyond that, even if the receiver asks for it", () => {
    const asked = { ...lost, retryability: { kind: "transient", retryAfterMs: 120_000 } } as const;
    const after = afterAttempt(sending(), asked, { ...judging, channel: forAMinute, nowMs: 2000 });
    expect(after).toMatchObject({ status: "failed", mayHaveGoneOut: true });
  });

  test("after the process ended is sent again only while it would be known", () => {
    expect(afterInterruption(sending(), forAMinute, 60_000)).toMatchObject({
      status: "queued",
      uncertainSinceMs: 1000,
    });
    expect(afterInterruption(sending(), forAMinute, 62_000)).toMatchObject({ status: "failed" });
    expect(afterInterruption(sending(), forGood, 9_000_000)).toMatchObject({ status: "queued" });
  });
});

test("a message that waited too long to be known again is not sent, and says why", async () => {
  await using at = await temporaryState();
  const channel = { ...told("c", () => sent), dedupesForMs: 60_000 };
  let nowMs = 1_000_000;
  await using carried = await carrying(at.state, {
    channels: [channel],
    nowMs: () => nowMs,
    isOffline: true,
  });
  const { id } = await enqueued(carried.outbox, words("a", { channel: "c" }));
  await at.state.outbox.change(id, (message) => ({ ...message, uncertainSinceMs: nowMs }));
  nowMs += 61_000;
  await carried.registry.start();
  const ended = await endOf(carried, at, id);
  expect(ended).toMatchObject({ status: "failed", mayHaveGoneOut: true });
  expect(ended.lastError).toContain(`cara outbox retry ${id}`);
  expect(channel.given).toEqual([]);
});

test("what was under way to Discord when the process stopped is sent again as the same message", async () => {
  await using server = await startDiscordServer();
  await using at = await temporaryState();
  const settings = { botToken: new Secret(discordTestToken), baseUrl: server.baseUrl };
  const options = { channels: [createDiscord(settings)], limits: { closeBudgetMs: 5 } };
  const first = await carrying(at.state, options);
  server.behave(({ verb }) => (verb === "POST" ? silence : undefined));
  const letter = words("hello", { channel: "discord", to: "1200000000000000001" });
  const { id } = await enqueued(first.outbox, letter);
  await server.called(2);
  await first[Symbol.asyncDispose]();
  server.replyWith();
  await using again = await carrying(at.state, options);
  expect(await endOf(again, at, id)).toMatchObject({ status: "sent", attempts: 1 });
  const nonces = server.calls.flatMap(({ fields }) => fields["nonce"] ?? []);
  expect(nonces).toHaveLength(2);
  expect(new Set(nonces).size).toBe(1);
});
