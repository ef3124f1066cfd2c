import { expect, test } from "bun:test";
import type { TurnEvent } from "@carapace/agent";
import { RunId, SessionKey } from "@carapace/protocol";
import { createRunEvents } from "./events.ts";
import type { RunListener } from "./feed.ts";

const run = { id: RunId.parse("r"), sessionKey: SessionKey.parse("k") };

function record(stream: boolean, known: readonly string[] = []) {
  const seen: { event: string; payload: Record<string, unknown> }[] = [];
  const publish: RunListener = ({ event, payload }) => void seen.push({ event, payload: { ...payload } });
  const deps = { publish, nowMs: () => 7, csp: () => "none", secrets: () => known };
  const events = createRunEvents(run, { stream }, deps);
  return { seen, events };
}

const steps: TurnEvent[] = [
  { kind: "started", model: "offline:basic" },
  { kind: "text", delta: "hi" },
  { kind: "tool_use", id: "t1", name: "time", input: {} },
  { kind: "tool_result", id: "t1", name: "time", result: "noon", isError: false },
  { kind: "tool_use_cancelled", id: "t2", name: "time", reason: "max_tokens" },
  { kind: "completed", text: "hi there", stopReason: "end_turn", usage: { inputTokens: 1, outputTokens: 2 } },
];

test("a turn is told on both channels with one counter and one ending", () => {
  const { seen, events } = record(true);
  events.input("hello");
  for (const step of steps) events.turn(step);
  events.turn({ kind: "failed", say: "too late" });
  events.end({ status: "cancelled" });
  expect(seen.map(({ payload }) => payload["seq"])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(seen.map(({ event, payload }) => [event, payload["stream"] ?? payload["state"]])).toEqual([
    ["chat", "delta"],
    ["agent", "started"],
    ["agent", "text"],
    ["chat", "delta"],
    ["agent", "tool_use"],
    ["agent", "tool_result"],
    ["agent", "tool_use_cancelled"],
    ["agent", "complete"],
    ["chat", "final"],
  ]);
  expect(seen[0]?.payload).toEqual({
    runId: "r",
    sessionKey: "k",
    seq: 0,
    state: "delta",
    message: { role: "user", content: "hello" },
  });
  expect(seen.at(-2)?.payload["data"]).toEqual({
    stopReason: "end_turn",
    usage: { inputTokens: 1, outputTokens: 2 },
    contentPolicy: { csp: "none" },
  });
  expect(seen.at(-1)?.payload).toMatchObject({
    message: { content: "hi there", contentPolicy: { csp: "none" } },
  });
});

test("without streaming the reply comes whole", () => {
  const { seen, events } = record(false);
  for (const step of steps) events.turn(step);
  expect(seen.some(({ payload }) => payload["stream"] === "text" || payload["state"] === "delta")).toBe(
    false,
  );
  expect(seen.at(-1)?.payload["state"]).toBe("final");
});

test.each([
  [{ status: "failed", error: "no key" }, { message: "no key" }, { state: "error", errorMessage: "no key" }],
  [{ status: "cancelled" }, {}, { state: "aborted" }],
] as const)("an outcome that no turn told ends both channels: %j", (outcome, agent, chat) => {
  const { seen, events } = record(true);
  events.end(outcome);
  expect(seen.map(({ event }) => event)).toEqual(["agent", "chat"]);
  expect(seen[0]?.payload["data"]).toEqual(agent);
  expect(seen[1]?.payload).toMatchObject(chat);
});

test("what a tool is given and what it answers is told without secrets, and ids stay", () => {
  const known = "tin-opener-by-the-door";
  const key = `sk-ant-api03-${"a1B2".repeat(8)}`;
  const input = { url: `https://x/?q=${known}`, list: [key, 7], [known]: true, password: "short" };
  const { seen, events } = record(true, [known]);
  events.turn({ kind: "tool_use", id: "t1", name: "fetch", input });
  events.turn({
    kind: "tool_result",
    id: "t1",
    name: "fetch",
    result: `it said ${known} ${key}`,
    isError: false,
  });
  expect(JSON.stringify(seen)).not.toContain(known);
  expect(JSON.stringify(seen)).not.toContain(key);
  expect(seen.map(({ payload }) => payload["data"])).toEqual([
    {
      toolUseId: "t1",
      name: "fetch",
      input: {
        url: "https://x/?q=[REDACTED]",
        list: ["[REDACTED]", 7],
        "[REDACTED]": true,
        password: "[REDACTED]",
      },
    },
    { toolUseId: "t1", name: "fetch", result: "it said [REDACTED] [REDACTED]", isError: false },
  ]);
});
