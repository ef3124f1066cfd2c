import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { isRecord } from "@carapace/protocol";
import { z } from "zod";
import { differences } from "./pattern.ts";
import { type Frame, openSocket, type TraceSocket } from "./socket.ts";

/** One step of a trace (`golden-trace-v1`, websocket.md §16). Several sockets: name them with `on`. */
const Step = z.discriminatedUnion("action", [
  z.object({
    action: z.literal("open_connection"),
    on: z.string().optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  z.object({
    action: z.literal("receive"),
    on: z.string().optional(),
    expected: z.record(z.string(), z.unknown()).optional(),
    expected_event: z.string().optional(),
    expected_response: z.record(z.string(), z.unknown()).optional(),
    capture: z.record(z.string(), z.string()).optional(),
  }),
  z.object({
    action: z.literal("send"),
    on: z.string().optional(),
    frame: z.record(z.string(), z.unknown()),
  }),
  z.object({ action: z.literal("send_text"), on: z.string().optional(), text: z.string() }),
  z.object({ action: z.literal("wait"), duration_ms: z.number() }),
  z.object({
    action: z.literal("expect_close"),
    on: z.string().optional(),
    code: z.number(),
    reason: z.string().optional(),
  }),
]);
type Step = z.infer<typeof Step>;

export const Scenario = z.object({
  name: z.string(),
  description: z.string().optional(),
  steps: z.array(Step),
});
export type Scenario = z.infer<typeof Scenario>;
export const TraceFile = z.object({ scenarios: z.array(Scenario) });

/** A gateway a trace can be replayed against. */
export interface Target {
  readonly url: string;
  readonly token: string;
}

interface Replay {
  readonly target: Target;
  readonly sockets: Map<string, TraceSocket>;
  readonly values: Map<string, unknown>;
}

/** Replays one scenario; throws with the first difference. Every socket is closed at the end. */
export async function replay(scenario: Scenario, target: Target): Promise<void> {
  const state: Replay = {
    target,
    sockets: new Map(),
    values: new Map([
      ["gateway_token", target.token],
      ["device_token_or_gateway_token", target.token],
    ]),
  };
  try {
    for (const [index, step] of scenario.steps.entries()) {
      await runStep(step, state).catch((error: unknown) => {
        throw new Error(
          `${scenario.name}, step ${index + 1} (${step.action}): ${error instanceof Error ? error.message : String(error)}`,
        );
      });
    }
  } finally {
    for (const socket of state.sockets.values()) await socket[Symbol.asyncDispose]();
  }
}

async function runStep(step: Step, state: Replay): Promise<void> {
  if (step.action === "wait") return void (await Bun.sleep(step.duration_ms));
  const name = step.on ?? "main";
  if (step.action === "open_connection") {
    state.sockets.set(name, await openSocket(state.target.url, step.headers));
    return;
  }
  const socket = state.sockets.get(name);
  if (socket === undefined) throw new Error(`socket ${name} is not open`);
  if (step.action === "send_text") socket.send(step.text);
  else if (step.action === "send") socket.send(prepare(step.frame, state));
  else if (step.action === "receive") await receive(step, socket, state);
  else {
    const { code, reason } = await socket.closed;
    const problems = differences(
      { code: step.code, ...(step.reason === undefined ? {} : { reason: step.reason }) },
      { code, reason },
    );
    if (problems.length > 0) throw new Error(problems.join("; "));
  }
}

async function receive(
  step: Extract<Step, { action: "receive" }>,
  socket: TraceSocket,
  state: Replay,
): Promise<void> {
  const raw = step.expected ?? step.expected_response ?? { type: "event", event: step.expected_event };
  const expected = fill(raw, state.values);
  if (!isRecord(expected)) throw new Error("nothing expected");
  const fits = (frame: Frame): boolean =>
    expected["type"] === "event"
      ? frame["type"] === "event" && frame["event"] === expected["event"]
      : frame["type"] === "res" && (expected["id"] === undefined || frame["id"] === expected["id"]);
  const frame = await socket.next(fits);
  if (frame["event"] === "connect.challenge" && isRecord(frame["payload"]))
    state.values.set("captured_nonce", frame["payload"]["nonce"]);
  for (const [variable, path] of Object.entries(step.capture ?? {}))
    state.values.set(variable, at(frame, path));
  const problems = differences(expected, frame);
  if (problems.length > 0) throw new Error(problems.join("; "));
}

/** Fills the placeholders of a frame to send; a device identity is made and signed when the frame has one. */
function prepare(frame: Frame, state: Replay): Frame {
  if (!state.values.has("request_id") || frame["method"] === "connect")
    state.values.set("request_id", randomUUID());
  state.values.set("instance_uuid", randomUUID());
  const filled = fill(frame, state.values);
  const params = isRecord(filled) ? filled["params"] : undefined;
  if (!isRecord(filled) || !isRecord(params) || params["device"] === undefined)
    return isRecord(filled) ? filled : {};
  return {
    ...filled,
    params: { ...params, device: signedDevice(params, String(state.values.get("captured_nonce"))) },
  };
}

/**
 * A fresh device and its v2 signature over the connect fields (websocket.md §6). The trace's `device` may ask for one
 * that must be refused: `age` (ms in the past), `nonce` (another one), `change` (fields changed after signing).
 */
function signedDevice(params: Frame, challenge: string): Frame {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  const id = createHash("sha256").update(raw).digest("hex");
  const wish = asRecord(params["device"]);
  const client = asRecord(params["client"]);
  const auth = asRecord(params["auth"]);
  const role = String(params["role"] ?? "operator");
  const scopes = scopesOf(params, role);
  const nonce =
    typeof wish["nonce"] === "string" && !wish["nonce"].startsWith("{{") ? wish["nonce"] : challenge;
  const signedAt = Date.now() - Number(wish["age"] ?? 0);
  const fields = [
    "v2",
    id,
    client["id"],
    client["mode"],
    role,
    scopes.join(","),
    signedAt,
    auth["token"] ?? "",
    nonce,
  ];
  const signature = sign(null, Buffer.from(fields.join("|")), privateKey).toString("base64url");
  return {
    id,
    publicKey: Buffer.from(raw).toString("base64url"),
    signature,
    signedAt,
    nonce,
    ...asRecord(wish["change"]),
  };
}

function scopesOf(params: Frame, role: string): unknown[] {
  if (Array.isArray(params["scopes"]) && params["scopes"].length > 0) return params["scopes"];
  return role === "node" ? [] : ["operator.admin"];
}

function asRecord(value: unknown): Frame {
  return isRecord(value) ? value : {};
}

function fill(value: unknown, values: ReadonlyMap<string, unknown>): unknown {
  if (typeof value === "string") {
    const name = /^\{\{(.+)\}\}$/.exec(value)?.[1];
    return name !== undefined && values.has(name) ? values.get(name) : value;
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, values));
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner, values)]));
  return value;
}

function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);
}
