import { expect, test } from "bun:test";
import type { AgentEvent } from "@carapace/protocol";
import { createSpans, type Span } from "./spans.ts";

type Step = AgentEvent extends infer E
  ? E extends AgentEvent
    ? Omit<E, "runId" | "seq" | "ts">
    : never
  : never;

function traced(sampleRatio = 1) {
  let nowMs = 1000;
  let seq = 0;
  const spans: Span[] = [];
  const hear = createSpans({
    nowMs: () => nowMs,
    sampleRatio: () => sampleRatio,
    onSpan: (span) => spans.push(span),
  });
  const tell = (runId: string, step: Step, afterMs = 10) => {
    nowMs += afterMs;
    hear({ event: "agent", payload: { runId, seq: seq++, ts: nowMs, ...step } as AgentEvent });
  };
  return { spans, tell };
}

const started: Step = { stream: "started", data: { sessionKey: "s", model: "openai:gpt-x" } };
const complete: Step = {
  stream: "complete",
  data: { stopReason: "end_turn", usage: { inputTokens: 5, outputTokens: 7 } },
};
const use = (id: string): Step => ({
  stream: "tool_use",
  data: { toolUseId: id, name: "time", input: { q: "secret" } },
});
const result = (id: string, isError = false): Step => ({
  stream: "tool_result",
  data: { toolUseId: id, name: "time", result: "secret", isError },
});

test("a turn with a tool is one trace: turn, model, tool, model, without a word of what was said", () => {
  const { spans, tell } = traced();
  tell("r", started);
  tell("r", { stream: "text", data: { delta: "secret" } });
  tell("r", use("t"), 30);
  tell("r", result("t"), 50);
  tell("r", complete, 20);
  expect(spans.map(({ name, startMs, endMs }) => [name, endMs - startMs])).toEqual([
    ["chat gpt-x", 40],
    ["execute_tool time", 50],
    ["chat gpt-x", 20],
    ["invoke_agent carapace", 110],
  ]);
  const root = spans.at(-1);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(root?.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(spans.slice(0, -1).every(({ parentId }) => parentId === root?.spanId)).toBe(true);
  expect(root?.attributes).toMatchObject({
    "gen_ai.usage.input_tokens": 5,
    "gen_ai.usage.output_tokens": 7,
    "carapace.outcome": "ok",
  });
  expect(JSON.stringify(spans)).not.toContain("secret");
});

test("a failed turn ends everything that is open as failed", () => {
  const { spans, tell } = traced();
  tell("r", started);
  tell("r", use("t"));
  tell("r", { stream: "error", data: { message: "secret" } });
  expect(spans.map(({ name, isError }) => [name, isError])).toEqual([
    ["chat gpt-x", true],
    ["execute_tool time", true],
    ["invoke_agent carapace", true],
  ]);
});

test("a model that failed and its fallback are two calls", () => {
  const { spans, tell } = traced();
  tell("r", started);
  tell("r", {
    stream: "failover",
    data: { from: "openai:gpt-x", model: "anthropic:c", reason: "rate limit" },
  });
  tell("r", complete);
  expect(spans.map(({ name, isError }) => [name, isError])).toEqual([
    ["chat gpt-x", true],
    ["chat c", false],
    ["invoke_agent carapace", false],
  ]);
});

test("of the turns only the wanted share is traced, each whole or not at all", () => {
  for (const ratio of [0, 0.5]) {
    const { spans, tell } = traced(ratio);
    for (let n = 0; n < 400; n++) {
      tell(`r${n}`, started);
      tell(`r${n}`, complete);
    }
    const turns = spans.filter(({ parentId }) => parentId === undefined).length;
    expect(spans).toHaveLength(turns * 2);
    expect(turns).toBeGreaterThanOrEqual(ratio * 300);
    expect(turns).toBeLessThanOrEqual(ratio * 500);
  }
});

test("turns that never end take no more than their bound", () => {
  const { spans, tell } = traced();
  for (let n = 0; n < 1000; n++) tell(`r${n}`, started);
  for (let n = 0; n < 1000; n++) tell(`r${n}`, complete);
  expect(spans).toHaveLength(400);
});
