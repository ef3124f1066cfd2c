import { expect, test } from "bun:test";
import { anthropicError, anthropicReply, openaiError, openaiReply } from "../../testing/index.ts";
import { collect, quickDeps, request, startVendor, textOfEvents } from "../../testing/providers.ts";
import { type AttemptEvent, withRetries } from "./retry.ts";

const overloaded = anthropicError(529, { type: "overloaded_error", message: "Overloaded" });
const hello = anthropicReply({ blocks: [{ type: "text", deltas: ["Hello"] }] });

test("two failures that pass are waited out, longer each time, and the third try answers", async () => {
  await using vendor = await startVendor("anthropic");
  vendor.server.reply(overloaded, { kind: "reset" }, hello);
  expect(textOfEvents(await collect(vendor.provider))).toBe("Hello");
  expect(vendor.waits).toEqual([500, 1000]);
});

test("after three tries the last failure is told", async () => {
  await using vendor = await startVendor("anthropic");
  vendor.server.reply(overloaded, overloaded, overloaded, hello);
  expect(await collect(vendor.provider)).toMatchObject([{ kind: "failed", failure: { code: "overloaded" } }]);
  expect(vendor.server.requests).toHaveLength(3);
});

test.each([408, 429, 500, 502, 503, 504, 529])("status %d is tried again", async (status) => {
  await using vendor = await startVendor("openai");
  vendor.server.reply(
    openaiError(status, { message: "for now" }),
    openaiReply({ deltas: [{ content: "Hello" }] }),
  );
  expect(textOfEvents(await collect(vendor.provider))).toBe("Hello");
});

test.each([400, 401, 402, 403, 404, 413, 422])("status %d is not tried again", async (status) => {
  await using vendor = await startVendor("openai");
  vendor.server.otherwise(() => openaiError(status, { message: "no" }));
  expect((await collect(vendor.provider)).at(-1)).toMatchObject({ kind: "failed" });
  expect(vendor.server.requests).toHaveLength(1);
});

test("a used-up quota comes as 429 but is not tried again", async () => {
  await using vendor = await startVendor("openai");
  vendor.server.otherwise(() =>
    openaiError(429, { message: "You exceeded your current quota", code: "insufficient_quota" }),
  );
  expect(await collect(vendor.provider)).toMatchObject([{ failure: { code: "quota" } }]);
  expect(vendor.server.requests).toHaveLength(1);
});

test.each([
  [{ "retry-after": "7" }, 7000],
  [{ "retry-after": "Sun, 22 Nov 2026 12:00:09 GMT" }, 9000],
  [{ "retry-after": "30", "retry-after-ms": "2500" }, 2500],
  [{ "retry-after": "0" }, 500],
  [{ "retry-after": "soon" }, 500],
])("a vendor's wish of kind %# is waited for", async (headers, waitMs) => {
  await using vendor = await startVendor("anthropic");
  vendor.server.reply(
    anthropicError(429, { type: "rate_limit_error", message: "slow down" }, headers),
    hello,
  );
  expect(textOfEvents(await collect(vendor.provider))).toBe("Hello");
  expect(vendor.waits).toEqual([waitMs]);
});

test("a wish for more than a minute is told, not waited for", async () => {
  await using vendor = await startVendor("anthropic");
  vendor.server.reply(
    anthropicError(429, { type: "rate_limit_error", message: "slow down" }, { "retry-after": "61" }),
  );
  expect(await collect(vendor.provider)).toMatchObject([{ failure: { code: "rate_limit" } }]);
  expect(vendor.waits).toEqual([]);
});

test("x-should-retry: false is obeyed", async () => {
  await using vendor = await startVendor("anthropic");
  vendor.server.reply(
    anthropicError(500, { type: "api_error", message: "no use" }, { "x-should-retry": "false" }),
  );
  expect(await collect(vendor.provider)).toMatchObject([{ failure: { code: "overloaded" } }]);
  expect(vendor.server.requests).toHaveLength(1);
});

test("a call that was told to stop while it waits makes no further try and says nothing", async () => {
  const stopping = new AbortController();
  let tries = 0;
  const attempt = async function* (): AsyncGenerator<AttemptEvent> {
    tries += 1;
    yield { kind: "retryable", failure: { code: "overloaded", say: "later" } };
  };
  const sleep = async () => stopping.abort();
  const policy = { maxTries: 3, baseDelayMs: 1, maxDelayMs: 8, maxRetryAfterMs: 10, random: () => 0, sleep };
  const told = await Array.fromAsync(withRetries(attempt, policy, stopping.signal));
  expect([tries, told.length]).toEqual([1, 0]);
});

test("a failure after the first event is told at once, as its text cannot be taken back", async () => {
  const attempt = async function* (): AsyncGenerator<AttemptEvent> {
    yield { kind: "text", delta: "Hel" };
    yield { kind: "retryable", failure: { code: "network", say: "broke off" } };
  };
  const policy = { ...quickDeps(), maxTries: 3, baseDelayMs: 1, maxDelayMs: 8, maxRetryAfterMs: 10 };
  const told = await Array.fromAsync(withRetries(attempt, policy, new AbortController().signal));
  expect(told.map((event) => event.kind)).toEqual(["text", "failed"]);
});

test("chance shortens a wait by up to a half", async () => {
  const waits: number[] = [];
  const attempt = async function* (): AsyncGenerator<AttemptEvent> {
    yield { kind: "retryable", failure: { code: "network", say: "broke off" } };
  };
  const policy = {
    ...quickDeps(waits),
    maxTries: 6,
    baseDelayMs: 500,
    maxDelayMs: 2000,
    maxRetryAfterMs: 10,
    random: () => 0.8,
  };
  await Array.fromAsync(withRetries(attempt, policy, new AbortController().signal));
  expect(waits.map(Math.round)).toEqual([300, 600, 1200, 1200, 1200]);
});

test("the request of each try is the same", async () => {
  await using vendor = await startVendor("anthropic");
  vendor.server.reply(overloaded, hello);
  await collect(vendor.provider, request({ system: "s" }));
  const [first, second] = vendor.server.requests;
  expect(second?.body).toBe(first?.body ?? "");
});
