import { expect, test } from "bun:test";
import type { GatewayEvent } from "@carapace/protocol";
import { readRunEvent } from "./turn.ts";

type AgentData = Extract<GatewayEvent, { event: "agent" }>["payload"];
const run = { runId: "r", seq: 0, ts: 1 };
const agent = (payload: AgentData): GatewayEvent => ({ event: "agent", payload });
const usage = { inputTokens: 1, outputTokens: 1 };

test("text is the reply, tools are notices, the end is told once with the whole reply", () => {
  const events: GatewayEvent[] = [
    agent({ ...run, stream: "started", data: { sessionKey: "s", model: "m" } }),
    agent({ ...run, stream: "tool_use", data: { toolUseId: "t", name: "math_eval", input: {} } }),
    agent({
      ...run,
      stream: "tool_result",
      data: { toolUseId: "t", name: "math_eval", result: "42", isError: false },
    }),
    agent({ ...run, stream: "text", data: { delta: "42" } }),
    {
      event: "chat",
      payload: { runId: "r", sessionKey: "s", seq: 4, state: "delta", message: { content: "42" } },
    },
    agent({ ...run, stream: "complete", data: { stopReason: "end_turn", usage } }),
    {
      event: "chat",
      payload: { runId: "r", sessionKey: "s", seq: 6, state: "final", message: { content: "42" } },
    },
  ];
  expect(events.flatMap((event) => readRunEvent(event, "r"))).toEqual([
    { kind: "model", model: "m" },
    { kind: "notice", text: "[tool: math_eval]" },
    { kind: "notice", text: "[tool: math_eval → done]" },
    { kind: "text", text: "42" },
    { kind: "whole", text: "42" },
    { kind: "ended", how: { kind: "done" } },
  ]);
});

test("failures, cancellation and tools that did not run are told", () => {
  const events: GatewayEvent[] = [
    agent({
      ...run,
      stream: "tool_result",
      data: { toolUseId: "t", name: "x", result: "no", isError: true },
    }),
    agent({ ...run, stream: "tool_use_cancelled", data: { toolUseId: "t", name: "x", reason: "denied" } }),
    agent({ ...run, stream: "error", data: { message: "bad key" } }),
    agent({ ...run, stream: "cancelled", data: {} }),
    {
      event: "chat",
      payload: { runId: "r", sessionKey: "s", seq: 4, state: "error", errorMessage: "bad key" },
    },
    { event: "chat", payload: { runId: "r", sessionKey: "s", seq: 4, state: "aborted" } },
  ];
  expect(events.flatMap((event) => readRunEvent(event, "r"))).toEqual([
    { kind: "notice", text: "[tool: x → failed]" },
    { kind: "notice", text: "[tool: x → not run: denied]" },
    { kind: "ended", how: { kind: "failed", say: "bad key" } },
    { kind: "ended", how: { kind: "cancelled" } },
    { kind: "ended", how: { kind: "failed", say: "bad key" } },
    { kind: "ended", how: { kind: "cancelled" } },
  ]);
});

test("other runs and other events say nothing", () => {
  expect(readRunEvent(agent({ ...run, stream: "text", data: { delta: "x" } }), "other")).toEqual([]);
  expect(readRunEvent({ event: "tick", payload: { ts: 1 } }, "r")).toEqual([]);
});
