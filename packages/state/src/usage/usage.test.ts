import { expect, test } from "bun:test";
import { SessionKey } from "@carapace/protocol";
import { temporaryState } from "../testing/index.ts";
import type { UsageEntry } from "./types.ts";

const day = 86_400_000;

function entry(sessionKey: string, model: string, atMs: number): UsageEntry {
  const usage = { inputTokens: 10, outputTokens: 3, cacheReadTokens: 2 };
  return {
    provider: "p",
    model,
    sessionKey: SessionKey.parse(sessionKey),
    agentId: "main",
    usage,
    costUsd: 0.5,
    atMs,
  };
}

test("usage is summed per model, day and session", async () => {
  await using fixture = await temporaryState();
  for (const [key, model, atMs] of [
    ["a", "p:x", 0],
    ["a", "p:x", day + 1],
    ["b", "p:x", day + 2],
    ["b", "p:y", day + 3],
  ] as const) {
    await fixture.state.usage.record(entry(key, model, atMs));
  }
  const { usage, verify } = await fixture.reopen();
  const once = { provider: "p", inputTokens: 10, outputTokens: 3, requests: 1, costUsd: 0.5 };
  expect(await usage.days(0)).toEqual([
    { ...once, day: "1970-01-01", model: "p:x" },
    { ...once, day: "1970-01-02", model: "p:x", inputTokens: 20, outputTokens: 6, requests: 2, costUsd: 1 },
    { ...once, day: "1970-01-02", model: "p:y" },
  ]);
  expect((await usage.days(0, "b")).map(({ day, model, requests }) => [day, model, requests])).toEqual([
    ["1970-01-02", "p:x", 1],
    ["1970-01-02", "p:y", 1],
  ]);
  expect((await usage.days(day)).map(({ requests }) => requests)).toEqual([2, 1]);
  expect(await usage.sessions(1)).toMatchObject([
    { sessionKey: "b", requests: 2, firstUsedAtMs: day + 2, lastUsedAtMs: day + 3 },
    { sessionKey: "a", requests: 1, firstUsedAtMs: day + 1 },
  ]);
  expect(await usage.sessions(0, "a")).toMatchObject([{ sessionKey: "a", inputTokens: 20, costUsd: 1 }]);
  expect(await verify()).toEqual([]);
});

test("clearing forgets one session or all", async () => {
  await using fixture = await temporaryState();
  const { usage } = fixture.state;
  for (const key of ["a", "a", "b", "c"]) await usage.record(entry(key, "p:x", 5));
  expect(await usage.clear("a")).toBe(1);
  expect(await usage.clear("a")).toBe(0);
  expect((await usage.sessions(0)).map(({ sessionKey }) => String(sessionKey))).toEqual(["b", "c"]);
  await usage.record(entry("a", "p:x", 6));
  expect(await fixture.state.verify()).toEqual([]);
  expect(await usage.clear()).toBe(3);
  expect(await usage.days(0)).toEqual([]);
  expect(await fixture.state.verify()).toEqual([]);
});
