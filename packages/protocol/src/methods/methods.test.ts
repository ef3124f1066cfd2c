import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { z } from "zod";
import { methodAccess } from "../access.ts";
import { eventContracts } from "../events/index.ts";
import {
  isMethodName,
  laterMethods,
  type MethodName,
  methodContracts,
  readParams,
  readResult,
} from "./index.ts";

const names = Object.keys(methodContracts).filter(isMethodName);
const value = <M extends MethodName>(method: M, raw: unknown) => {
  const read = readParams(method, raw);
  return read.ok ? read.value : undefined;
};
const fault = (method: MethodName, raw: unknown) => {
  const read = readParams(method, raw);
  return read.ok ? undefined : read.say;
};

describe("the method table", () => {
  test("gives each method the class the access table has for it", () => {
    for (const name of names)
      expect({ name, access: methodContracts[name].access as string }).toEqual({
        name,
        access: methodAccess[name],
      });
  });

  test("with the later methods covers the contract, each once", () => {
    expect([...names, ...laterMethods].sort() as string[]).toEqual(Object.keys(methodAccess).sort());
  });

  test("has a summary of one line for each", () => {
    for (const name of names) expect(methodContracts[name].summary).toMatch(/^[A-Z][^\n]{5,90}[^.]$/);
  });

  test("takes any JSON as params of any method without throwing", () => {
    const anyParams = fc.dictionary(
      fc.constantFrom("message", "key", "limit", "tags", "level", "pattern", "raw", "__proto__"),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.oneof(anyParams, fc.jsonValue()), (method, raw) => {
        const read = readParams(method, raw);
        if (!read.ok) expect(read.say).toMatch(/^[\w.]+ |^invalid /);
        readResult(method, raw);
      }),
      { seed: 1, numRuns: 3000 },
    );
  });
});

describe("params", () => {
  test("anything but an object counts as none", () => {
    for (const raw of [undefined, null, 1, "x", [], [{}]])
      expect(value("logs.tail", raw)).toMatchObject({ limit: 500, maxBytes: 250_000 });
  });

  test("a param of the wrong type counts as absent", () => {
    const raw = { sessionKey: 5, tags: "a", limit: "9", stream: "no", message: "m", idempotencyKey: "k" };
    expect(value("chat.send", raw)).toMatchObject({ stream: true, message: "m", idempotencyKey: "k" });
    expect(value("chat.send", raw)?.sessionKey).toBeUndefined();
    expect(value("chat.history", { limit: "9" })?.limit).toBe(200);
  });

  test("texts that say something of a session are trimmed, and blank ones ignored", () => {
    const read = value("sessions.patch", { key: "a", label: "  Trip ", model: "  " });
    expect(read?.label).toBe("Trip");
    expect(read?.model).toBeUndefined();
  });

  test("numbers are clamped", () => {
    expect(value("chat.history", { limit: 5000 })?.limit).toBe(1000);
    expect(value("chat.history", { limit: 0 })?.limit).toBe(1);
    expect(value("agent.wait", { runId: "r", timeoutMs: 1e9 })?.timeoutMs).toBe(600_000);
    expect(value("logs.tail", { limit: 2.9 })?.limit).toBe(2);
    expect(value("set-heartbeats", { interval: 5 })).toEqual({ enabled: true, intervalMs: 1000 });
    expect(value("set-heartbeats", { intervalMs: 9e9 })?.intervalMs).toBe(300_000);
    expect(value("sessions.preview", { keys: Array(100).fill("k"), maxChars: 1 })).toMatchObject({
      maxChars: 20,
    });
    expect(value("sessions.preview", { keys: Array(100).fill("k") })?.keys).toHaveLength(64);
  });

  test.each([
    ["chat.send", { idempotencyKey: "k" }, "message is required"],
    ["chat.send", { message: " \n", idempotencyKey: "k" }, "message is required"],
    ["chat.send", { message: "m" }, "idempotencyKey is required"],
    ["agent", { message: "m", idempotencyKey: 5 }, "idempotencyKey is required"],
    ["agent.wait", {}, "runId is required"],
    ["config.set", { raw: {} }, "raw is required"],
    ["usage.session", {}, "sessionKey is required"],
    ["device.token.rotate", { deviceId: "d" }, "role is required"],
    ["system-event", { text: "é".repeat(4097) }, "text exceeds 8192 bytes"],
    [
      "sessions.patch",
      { key: "k", tags: Array(65).fill("t") },
      "tags must be at most 64 texts of at most 256 characters",
    ],
    [
      "system-event",
      { text: "t", roles: ["r".repeat(257)] },
      "roles must be at most 64 texts of at most 256 characters",
    ],
    ["config.get", { key: "a.".repeat(513) }, "key must be at most 1024 characters"],
    ["logs.tail", { level: "loud" }, "invalid log level: unknown log level: loud"],
    ["logs.tail", { pattern: "(" }, "invalid logs.tail pattern regex"],
    ["logs.tail", { pattern: "a".repeat(257) }, "invalid logs.tail pattern regex"],
  ] as const)("%s with %j is refused: %s", (method, raw, say) => {
    expect(fault(method, raw)).toBe(say);
  });

  test("a log level is read in any case", () => {
    expect(value("logs.tail", { level: "WARN" })?.level).toBe("warn");
  });
});

test("no params that fit in a frame take long to read", () => {
  const many = 120_000;
  const list = Array(many).fill(1);
  const map = Object.fromEntries([...Array(many / 4).keys()].map((key) => [`k${key}`, 1]));
  const fields = "key keys tags extra config venice_parameters message label roles scopes".split(" ");
  for (const name of names) {
    for (const huge of [list, map, "a".repeat(500_000)]) {
      const raw = Object.fromEntries(fields.map((field) => [field, huge]));
      readParams(name, raw);
      const startedAtMs = performance.now();
      readParams(name, raw);
      const tookMs = performance.now() - startedAtMs;
      expect(tookMs).toBeLessThan(50);
    }
  }
});

test.each([
  ["chat.send", { message: "m" }, "idempotencyKey"],
  ["chat.send", { message: "m", idempotencyKey: "i" }, "sessionKey"],
  ["chat.send", { message: "m", idempotencyKey: "i" }, "to"],
  ["agent", { message: "m", idempotencyKey: "i" }, "chatId"],
  ["agent.wait", {}, "runId"],
  ["chat.abort", {}, "runId"],
  ["chat.history", {}, "key"],
  ["sessions.load", {}, "sessionId"],
  ["sessions.create", {}, "agentId"],
  ["sessions.patch", {}, "userId"],
  ["sessions.fork", {}, "newKey"],
  ["sessions.fork", {}, "targetKey"],
  ["sessions.purge_user", {}, "userId"],
  ["sessions.archive", {}, "key"],
  ["usage.session", {}, "sessionKey"],
  ["usage.reset", {}, "sessionKey"],
  ["device.pair.approve", {}, "requestId"],
  ["device.token.revoke", { role: "node" }, "deviceId"],
] as const)("half a surrogate pair in a name is refused: %s %j %s", (method, others, name) => {
  expect(fault(method, { ...others, [name]: "a\ud800" })).toBe(`${name} must be well-formed Unicode text`);
});

test("half a surrogate pair in one of many names is refused", () => {
  expect(fault("sessions.preview", { keys: ["a", "\udfff"] })).toBe("keys must be well-formed Unicode text");
});

describe("results", () => {
  test("a finished run asked for again tells how it came out", () => {
    const replay = {
      runId: "r",
      status: "completed",
      duplicate: true,
      sessionKey: "s",
      streaming: true,
      response: "42",
    };
    expect(readResult("agent", replay)).toEqual(replay as never);
    expect(readResult("chat.send", replay)).toEqual(replay as never);
  });

  test("a waiting message is marked in a history", () => {
    const message = { id: "m", role: "user", content: "hi", ts: 1, status: "waiting" };
    const history = { sessionKey: "s", sessionId: "i", messages: [message], thinkingLevel: "off" };
    expect(readResult("chat.history", history)?.messages[0]?.status).toBe("waiting");
  });

  test("an answer of another shape is no result", () => {
    expect(readResult("health", { status: "healthy" })).toBeUndefined();
    expect(readResult("last-heartbeat", null)).toBeNull();
  });
});

test("every schema of a method or an event can be written down", () => {
  for (const { params, result } of Object.values(methodContracts)) {
    for (const schema of [params, result]) expect(jsonSchemaOf(schema)).toBeObject();
  }
  for (const { payload } of Object.values(eventContracts)) expect(jsonSchemaOf(payload)).toBeObject();
});

function jsonSchemaOf(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { unrepresentable: "any" });
}
