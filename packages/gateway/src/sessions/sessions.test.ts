import { expect, test } from "bun:test";
import { hintedSessionKey, SessionKey } from "@carapace/protocol";
import type { Session } from "@carapace/state";
import { metadataFrom } from "./metadata.ts";
import { isDueForReset } from "./reset-policy.ts";
import { createdSessionKey, scopedSessionKey } from "./scope.ts";
import { excerpt, messageViews, sessionEntry, sessionRow } from "./view.ts";

test.each([
  ["per-sender", { channel: "telegram", sender: "ann", peer: "g1" }, "telegram:ann"],
  ["per-sender", {}, "default:unknown"],
  ["global", { channel: "telegram", sender: "ann" }, "telegram:global"],
  ["per-channel-peer", { sender: "ann", peer: " g1 " }, "default:g1"],
  ["per-channel-peer", { sender: "ann", peer: "" }, "default:ann"],
] as const)("a message of scope %s from %j goes to one session", (scope, speaker, key) => {
  expect<string>(scopedSessionKey(scope, speaker)).toBe(key);
});

test("a sender with an endless name still has one session of its own", () => {
  const sender = "x".repeat(400);
  expect(scopedSessionKey("per-sender", { sender })).toBe(hintedSessionKey(`default:${sender}`));
});

test("a session without a key of its own is named by agent, channel and chat", () => {
  expect<string>(createdSessionKey({ agentId: "a" })).toBe("a:default:default");
});

const midnight = Date.UTC(2026, 0, 2);
test.each([
  [undefined, midnight - 1, midnight, false],
  [{ mode: "manual", idleMinutes: 60 }, 0, midnight, false],
  [{ mode: "daily", idleMinutes: 60 }, midnight - 1, midnight, true],
  [{ mode: "daily", idleMinutes: 60 }, midnight, midnight + 80_000_000, false],
  [{ mode: "idle", idleMinutes: 60 }, midnight, midnight + 3_599_999, false],
  [{ mode: "idle", idleMinutes: 60 }, midnight, midnight + 3_600_000, true],
] as const)("reset policy %j is due as it says", (policy, ...[updatedAtMs, nowMs, due]) => {
  expect(isDueForReset(policy, updatedAtMs, nowMs)).toBe(due);
});

test("a route beats a model, and only a registered channel counts", () => {
  const params = { label: "L", route: "fast", model: "openai:x", channel: "Telegram" };
  expect(metadataFrom(params, new Set())).toEqual({ name: "L", route: "fast" });
  expect(metadataFrom(params, new Set(["telegram"]))).toEqual({
    name: "L",
    route: "fast",
    channel: "telegram",
  });
});

const session: Session = {
  id: "s1",
  key: SessionKey.parse("a:group:b"),
  status: "active",
  metadata: { name: "N", model: "offline:basic" },
  messageCount: 2,
  createdAtMs: 1,
  updatedAtMs: 2,
};

test("views keep the keys of what is not known as null", () => {
  expect(sessionEntry(session)).toEqual({
    sessionId: "s1",
    updatedAt: 2,
    label: "N",
    thinkingLevel: null,
    model: "offline:basic",
    channel: null,
    chatId: null,
    agentId: null,
    userId: null,
    status: "active",
  });
  expect(sessionRow(session)).toMatchObject({ kind: "group", access: "available", displayName: "N" });
});

test("a message with tool calls shows its blocks, a tool's message its result", () => {
  const base = { id: "m", role: "assistant", createdAtMs: 5 } as const;
  const call = { type: "tool_use", id: "t", name: "time", input: {} } as const;
  const text = { type: "text", text: "hi", origin: { kind: "model" } } as const;
  const view = messageViews([]);
  expect(view({ ...base, blocks: [text] }).content).toBe("hi");
  expect(JSON.parse(view({ ...base, blocks: [text, call] }).content)).toEqual([
    { type: "text", text: "hi" },
    call,
  ]);
  const result = {
    type: "tool_result",
    toolUseId: "t",
    name: "time",
    content: "noon",
    isError: false,
  } as const;
  const shown = view({ ...base, role: "tool", blocks: [{ ...result, origin: { kind: "tool" } }] });
  expect(shown).toEqual({ id: "m", role: "tool", content: "noon", ts: 5 });
});

test("what tools were given and answered is shown without secrets, what somebody wrote as it is", () => {
  const key = `ghp_${"aB3dE6gH9j".repeat(4).slice(0, 36)}`;
  const base = { id: "m", createdAtMs: 5 } as const;
  const view = messageViews(["the-known-secret-of-the-gateway"]);
  const input = { note: `${key} the-known-secret-of-the-gateway`, password: "hunter2", place: "home" };
  const call = { type: "tool_use", id: "t", name: "write", input } as const;
  const [shown] = JSON.parse(view({ ...base, role: "assistant", blocks: [call] }).content);
  expect(shown.input).toEqual({
    ...{ note: "[REDACTED] [REDACTED]", password: "[REDACTED]", place: "home" },
  });
  const result = {
    type: "tool_result",
    toolUseId: "t",
    name: "write",
    content: `is ${key}`,
    isError: false,
  } as const;
  const answered = { ...result, origin: { kind: "tool" } } as const;
  expect(view({ ...base, role: "tool", blocks: [answered] }).content).toBe("is [REDACTED]");
  const typed = { type: "text", text: key, origin: { kind: "owner" } } as const;
  expect(view({ ...base, role: "user", blocks: [typed] }).content).toBe(key);
});

test("an excerpt is one line and never half a character", () => {
  expect(excerpt("a\n b", 10)).toBe("a b");
  expect(excerpt("€€€€", 10)).toBe("€€…");
});
