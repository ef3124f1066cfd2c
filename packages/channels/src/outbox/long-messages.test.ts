import { expect, test } from "bun:test";
import { carrying, endOf, enqueued, temporaryState, words } from "../testing/carried.ts";
import { later, sent, told } from "../testing/told.ts";
import { fittedParts } from "./fitted-parts.ts";

const paragraph = (letter: string) => letter.repeat(180);
const long = ["a", "b", "c"].map(paragraph).join("\n\n");
const limits = { maxTextChars: 200, maxCaptionChars: 100 };

test("a text that is too long for its channel goes out in pieces, the first of which is the reply", async () => {
  await using at = await temporaryState();
  const channel = { ...told("c", () => sent), ...limits };
  await using carried = await carrying(at.state, { channels: [channel] });
  const { id } = await enqueued(carried.outbox, words(long, { channel: "c", replyTo: "7", threadId: "t" }));
  expect(await endOf(carried, at, id)).toMatchObject({ status: "sent", partsSent: 3 });
  expect(channel.given).toEqual([
    { to: "me", text: paragraph("a"), replyToId: "7", threadId: "t", idempotencyKey: `${id}:1` },
    { to: "me", text: paragraph("b"), threadId: "t", idempotencyKey: `${id}:2` },
    { to: "me", text: paragraph("c"), threadId: "t", idempotencyKey: `${id}:3` },
  ]);
});

test("a piece that fails is tried again, those before it are not; each has all attempts", async () => {
  await using at = await temporaryState();
  const failing = new Set([2, 3, 5, 6]);
  let asked = 0;
  const answer = () => (failing.has(++asked) ? later : sent);
  const channel = { ...told("c", answer), ...limits };
  await using carried = await carrying(at.state, { channels: [channel] });
  const { id } = await enqueued(carried.outbox, words(long, { channel: "c", maxAttempts: 3 }));
  expect(await endOf(carried, at, id)).toMatchObject({ status: "sent" });
  expect(channel.given.map(({ text }) => text.charAt(0)).join("")).toBe("abbbccc");
});

test("half a character is sent as the sign for one, whole ones as they are, wherever the text is cut", async () => {
  await using at = await temporaryState();
  const channel = { ...told("c", () => sent), ...limits };
  await using carried = await carrying(at.state, { channels: [channel] });
  const { id } = await enqueued(carried.outbox, words(`\ud83d${"😀".repeat(150)}\ude00`, { channel: "c" }));
  expect(await endOf(carried, at, id)).toMatchObject({ status: "sent" });
  const whole = channel.given.map(({ text }) => text).join("");
  expect(whole).toBe(`\ufffd${"😀".repeat(150)}\ufffd`);
});

test("a channel without a limit gets a text as it is", () => {
  const message = { ...words(long), partsSent: 0 } as Parameters<typeof fittedParts>[0];
  expect(fittedParts(message, {})).toEqual(message.parts);
});

test("a caption that is too long follows its media as text; what has gone out stays as it was", () => {
  const media = { type: "media" as const, mediaRef: "https://example.org/a.png" };
  const message = {
    parts: [
      { type: "text", text: long },
      { ...media, caption: long },
    ],
    partsSent: 1,
  };
  const fitted = fittedParts(message as Parameters<typeof fittedParts>[0], limits);
  expect(fitted).toHaveLength(5);
  expect(fitted.slice(0, 2)).toEqual([{ type: "text", text: long }, media]);
  const again = fittedParts({ ...message, parts: fitted } as Parameters<typeof fittedParts>[0], limits);
  expect(again).toEqual(fitted);
});

test("media has more time than words: it is fetched and sent on", async () => {
  await using at = await temporaryState();
  const channel = told("c", async (_, signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    return later;
  });
  const shrunk = { attemptTimeoutMs: 60_000, mediaTimeoutMs: 5 };
  await using carried = await carrying(at.state, { channels: [channel], limits: shrunk });
  const parts = [{ type: "media" as const, mediaRef: "https://example.org/a.png" }];
  const media = { channel: "c", to: "me", source: { kind: "send" }, parts, maxAttempts: 1 };
  const { id } = await enqueued(carried.outbox, media);
  expect(await endOf(carried, at, id)).toMatchObject({ status: "failed", lastError: "busy" });
});
