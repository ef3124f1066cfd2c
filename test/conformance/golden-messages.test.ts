import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventContracts, isRecord, readRequest } from "@carapace/protocol";
import { root, startGatewayProcess } from "../support/gateway-process.ts";
import { answers, eventsLeftOut, methodsLeftOut } from "./golden-overrides.ts";
import { differences, violations } from "./pattern.ts";
import { openSocket } from "./socket.ts";
import { replay, Scenario } from "./trace.ts";

const folder = join(root, "..", "shared", "spec", "golden", "ws");
const isThere = existsSync(folder);
const read = (file: string): Record<string, unknown> => {
  const value: unknown = isThere ? JSON.parse(readFileSync(join(folder, file), "utf8")) : {};
  return isRecord(value) ? value : {};
};
const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});

const params = {
  minProtocol: 3,
  maxProtocol: 3,
  client: { id: "test", version: "1.0.0", platform: "test", mode: "test" },
  auth: { token: "{{gateway_token}}" },
};
const login = [
  { action: "open_connection" },
  { action: "receive", expected_event: "connect.challenge" },
  { action: "send", frame: { type: "req", id: "c", method: "connect", params } },
  { action: "receive", expected: { type: "res", id: "c", ok: true } },
];
const makeSession = {
  type: "req",
  id: "make",
  method: "chat.send",
  params: { message: "hello", sessionKey: "main", idempotencyKey: "make", triggerAgent: false },
};

describe("golden messages.json", () => {
  for (const [method, example] of Object.entries(record(read("messages.json")["method_examples"]))) {
    const reason = methodsLeftOut[method];
    if (reason !== undefined) {
      test.skip(`${method}: ${reason}`, () => undefined);
      continue;
    }
    test(method, async () => {
      await using gateway = await startGatewayProcess();
      const request = record(record(example)["request"]);
      const golden = record(record(record(example)["response"])["payload"]);
      const payload = answers[method] ?? byType(golden);
      const steps = [
        ...login,
        { action: "send", frame: makeSession },
        { action: "receive", expected: { type: "res", id: "make", ok: true } },
        { action: "send", frame: request },
        { action: "receive", expected: { type: "res", id: request["id"], ok: true, payload } },
      ];
      await replay(Scenario.parse({ name: method, steps }), gateway);
    });
  }

  test.skipIf(!isThere)("request examples read as requests", () => {
    const examples = record(record(read("messages.json")["frame_types"])["request"])["examples"];
    expect(examples).toBeArray();
    for (const example of Array.isArray(examples) ? examples : [])
      expect(readRequest(JSON.stringify(example), 32).kind).toBe("request");
  });
});

/** Numbers that are times match by type. */
function byType(payload: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(payload).map(([key, value]) => [key, key === "ts" ? "{{timestamp}}" : value]),
  );
}

describe.skipIf(!isThere)("golden events.json", () => {
  const file = read("events.json");

  test("our event table has the same events", () => {
    const golden = Array.isArray(file["event_list"]) ? file["event_list"].map(String).sort() : [];
    expect(Object.keys(eventContracts).sort()).toEqual(golden);
  });

  test("scoped events need the same scope", () => {
    for (const [event, scopes] of Object.entries(record(file["scope_requirements"]))) {
      if (!Array.isArray(scopes) || !(event in eventContracts)) continue;
      expect({ event, scopes: [`operator.${record(record(eventContracts)[event])["scope"]}`] }).toEqual({
        event,
        scopes,
      });
    }
  });

  for (const [event, reason] of Object.entries(eventsLeftOut))
    test.skip(`${event}: ${reason}`, () => undefined);

  test("events of a chat turn fit the golden payload schemas", async () => {
    await using gateway = await startGatewayProcess();
    await using socket = await openSocket(gateway.url);
    const seen = new Set<string>();
    const check = async (event: string): Promise<void> => {
      const frame = await socket.next((candidate) => candidate["event"] === event);
      const schema = record(record(file["events"])[event])["payload_schema"];
      expect({ event, problems: violations(schema, frame["payload"]) }).toEqual({ event, problems: [] });
      seen.add(event);
    };
    await check("connect.challenge");
    socket.send({
      type: "req",
      id: "c",
      method: "connect",
      params: { ...params, auth: { token: gateway.token } },
    });
    expect(differences({ ok: true }, await socket.next((frame) => frame["id"] === "c"))).toEqual([]);
    await check("presence");
    await check("tick");
    socket.send({
      type: "req",
      id: "s",
      method: "chat.send",
      params: { message: "what is 6*7?", idempotencyKey: "events-run" },
    });
    await check("chat");
    await check("agent");
    expect(seen.size).toBe(5);
  });
});
