import { describe, expect, test } from "bun:test";
import { type EventName, eventContracts, mayReceive } from "./index.ts";
import { publicPresence } from "./presence.ts";

const names = Object.keys(eventContracts) as EventName[];
const operator = (...scopes: string[]) => ({ role: "operator", scopes }) as const;
const node = { role: "node", scopes: ["operator.admin"] } as const;

describe("who receives an event", () => {
  test("there are the 23 events of the contract", () => {
    expect(names).toHaveLength(23);
  });

  test("a node receives only what is for everyone", () => {
    expect(names.filter((name) => mayReceive(name, node)).sort()).toEqual(["shutdown", "voicewake.changed"]);
  });

  test("an operator without scopes sees neither conversations nor requests", () => {
    expect(names.filter((name) => mayReceive(name, operator())).sort()).toEqual([
      "config.changed",
      "health",
      "heartbeat",
      "presence",
      "shutdown",
      "talk.mode",
      "voicewake.changed",
    ]);
  });

  test.each([
    ["agent", "operator.read"],
    ["chat", "operator.read"],
    ["cron", "operator.read"],
    ["node.event", "operator.read"],
    ["node.pair.requested", "operator.pairing"],
    ["node.pair.resolved", "operator.pairing"],
    ["device.pair.requested", "operator.pairing"],
    ["device.pair.resolved", "operator.pairing"],
    ["exec.approval.requested", "operator.approvals"],
    ["exec.approval.resolved", "operator.approvals"],
    ["matrix.verification.requested", "operator.admin"],
    ["matrix.verification.updated", "operator.admin"],
  ] as const)("%s needs %s", (event, scope) => {
    const others = ["operator.read", "operator.pairing", "operator.approvals"].filter((one) => one !== scope);
    expect(mayReceive(event, operator(...others))).toBe(false);
    expect(mayReceive(event, operator(scope))).toBe(true);
    expect(mayReceive(event, operator("operator.admin"))).toBe(true);
  });

  test("events for one socket are never broadcast", () => {
    const admin = operator("operator.admin");
    for (const name of ["connect.challenge", "tick", "node.invoke.request", "state.drop"] as const)
      expect(mayReceive(name, admin)).toBe(false);
  });
});

describe("presence", () => {
  test("address, device and rights are for admins only", () => {
    const entry = {
      ts: 1,
      host: "laptop",
      mode: "cli",
      ip: "192.0.2.1",
      deviceId: "d",
      roles: ["operator"],
      scopes: ["operator.read"],
      instanceId: "i",
      deviceFamily: "f",
      modelIdentifier: "m",
    };
    expect(publicPresence(entry)).toEqual({ ts: 1, host: "laptop", mode: "cli" });
  });
});

describe("run events", () => {
  const agent = eventContracts.agent.payload;
  const chat = eventContracts.chat.payload;

  test("each step of a turn is read", () => {
    const run = { runId: "r", seq: 0, ts: 1 };
    const usage = { inputTokens: 1, outputTokens: 2 };
    const steps = [
      { stream: "started", data: { sessionKey: "s", model: "offline:basic" } },
      { stream: "text", data: { delta: "Hi" } },
      { stream: "tool_use", data: { toolUseId: "t", name: "current_time", input: {} } },
      { stream: "tool_result", data: { toolUseId: "t", name: "current_time", result: "{}", isError: false } },
      { stream: "cancelled", data: {} },
      { stream: "complete", data: { stopReason: "end_turn", usage } },
    ];
    for (const step of steps) expect(agent.safeParse({ ...run, ...step }).success).toBe(true);
    expect(agent.safeParse({ ...run, stream: "thinking", data: {} }).success).toBe(false);
  });

  test("an agent event cut to the frame cap is read", () => {
    const cut = { truncated: true, reason: "too big", originalFrameBytesAtLeast: 2, maxFrameBytes: 1 };
    expect(agent.safeParse({ runId: "r", seq: 1, ts: 1, stream: "text", data: cut, ...cut }).success).toBe(
      true,
    );
  });

  test("a chat ends in final, error or aborted", () => {
    const base = { runId: "r", sessionKey: "s", seq: 3 };
    expect(chat.safeParse({ ...base, state: "delta", message: { content: "Hi" } }).success).toBe(true);
    expect(chat.safeParse({ ...base, state: "final", message: { content: "Hi" } }).success).toBe(true);
    expect(chat.safeParse({ ...base, state: "error", errorMessage: "no key" }).success).toBe(true);
    expect(chat.safeParse({ ...base, state: "aborted" }).success).toBe(true);
    expect(chat.safeParse({ ...base, state: "paused" }).success).toBe(false);
  });
});
