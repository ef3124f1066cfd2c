import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "@carapace/protocol";
import { root, startGatewayProcess } from "../support/gateway-process.ts";
import { leftOut, messages, sends } from "./golden-overrides.ts";
import { replay, Scenario, TraceFile } from "./trace.ts";

const folder = join(root, "..", "shared", "spec", "golden", "ws");
const isThere = existsSync(folder);
const read = (file: string): unknown =>
  isThere ? JSON.parse(readFileSync(join(folder, file), "utf8")) : { scenarios: [] };

if (!isThere) test.skip("the golden traces (missing: ../shared/spec/golden/ws)", () => undefined);

describe("golden handshake.json", () => {
  for (const scenario of TraceFile.parse(read("handshake.json")).scenarios) {
    test(scenario.name, async () => {
      await using gateway = await startGatewayProcess();
      await replay(changed(scenario), gateway);
    }, 20_000);
  }
});

function changed(scenario: Scenario): Scenario {
  const change = sends[scenario.name];
  if (change === undefined) return scenario;
  return {
    ...scenario,
    steps: scenario.steps.map((step) =>
      step.action === "send" ? { ...step, frame: change(step.frame) } : step,
    ),
  };
}

const client = { id: "test", version: "1.0.0", platform: "test", mode: "test" };
const params = { minProtocol: 3, maxProtocol: 3, client };
const token = { auth: { token: "{{gateway_token}}" } };
/** A proxy's header makes the peer remote, as far as trust goes (websocket.md §5). */
const remote = { "x-forwarded-for": "203.0.113.9" };

/** For the golden errors without a trigger: what brings them about. `device` is made and signed, then changed as told. */
const crafted: Readonly<
  Record<string, { params: Record<string, unknown>; headers?: Record<string, string>; password?: string }>
> = {
  device_id_mismatch: { params: { ...params, ...token, device: { change: { id: "0".repeat(64) } } } },
  device_signature_expired: { params: { ...params, ...token, device: { age: 600_001 + 60_000 } } },
  device_nonce_required: {
    params: { ...params, ...token, device: { change: { nonce: undefined } } },
    headers: remote,
  },
  device_nonce_mismatch: {
    params: { ...params, ...token, device: { nonce: "550e8400-e29b-41d4-a716-446655440000" } },
  },
  device_signature_invalid: {
    params: { ...params, ...token, device: { change: { signature: "A".repeat(86) } } },
  },
  pairing_required: { params: { ...params, ...token, device: {} }, headers: remote },
  unauthorized_token_missing: { params: { ...params, device: {} } },
  unauthorized_token_mismatch: { params: { ...params, auth: { token: "wrong" } } },
  unauthorized_password_missing: { params: { ...params, device: {} }, password: "a password for this test" },
};

const open = [{ action: "open_connection" }, { action: "receive", expected_event: "connect.challenge" }];

describe("golden errors.json", () => {
  const file = read("errors.json");
  const groups =
    isRecord(file) && isRecord(file["error_scenarios"]) ? Object.values(file["error_scenarios"]) : [];
  for (const entry of groups.flatMap((group) => (Array.isArray(group) ? group : []))) {
    if (!isRecord(entry)) continue;
    const name = String(entry["name"]);
    const reason = leftOut[name];
    if (reason !== undefined) {
      test.skip(`${name}: ${reason}`, () => undefined);
      continue;
    }
    test(name, async () => {
      const craft = crafted[name];
      const password = craft?.password;
      const auth = { mode: "password", password };
      await using gateway = await startGatewayProcess(
        password === undefined ? {} : { config: { gateway: { auth } } },
      );
      await replay(errorScenario(name, entry), gateway);
    });
  }
});

function errorScenario(name: string, entry: Record<string, unknown>): Scenario {
  const craft = crafted[name];
  const trigger = entry["trigger"] ?? { type: "req", id: "c1", method: "connect", params: craft?.params };
  const response = structuredClone(entry["response"]);
  if (!isRecord(response) || !isRecord(response["error"])) throw new Error(`${name}: no response`);
  const message = messages[name];
  if (message !== undefined) response["error"]["message"] = message;
  const reason = message ?? response["error"]["message"];
  const login =
    name === "connect_after_handshake"
      ? [
          {
            action: "send",
            frame: { type: "req", id: "c1", method: "connect", params: { ...params, ...token } },
          },
          { action: "receive", expected: { type: "res", id: "c1", ok: true } },
        ]
      : [];
  const close =
    entry["close_code"] === undefined ? [] : [{ action: "expect_close", code: entry["close_code"], reason }];
  const [first, ...rest] = open;
  const opening = [
    { ...first, ...(craft?.headers === undefined ? {} : { headers: craft.headers }) },
    ...rest,
  ];
  return Scenario.parse({
    name,
    steps: [
      ...opening,
      ...login,
      { action: "send", frame: trigger },
      { action: "receive", expected: response },
      ...close,
    ],
  });
}

test("every golden error is either replayed or left out with a reason", () => {
  for (const [name, reason] of Object.entries(leftOut)) expect(`${name}: ${reason}`).toMatch(/: .{20,}/);
});
