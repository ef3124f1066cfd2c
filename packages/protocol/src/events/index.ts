import { z } from "zod";
import { type Grant, satisfiesScope } from "../access.ts";
import { ConnectChallenge } from "../handshake/hello.ts";
import { DeviceRequest } from "../methods/devices.ts";
import { HealthResult } from "../methods/health.ts";
import { MatrixVerificationEvent } from "./matrix.ts";
import { NodeInvokeRequest, NodeRequest } from "./nodes.ts";
import { PresenceEntry } from "./presence.ts";
import { AgentEvent, ChatEvent, TruncatedAgentEvent } from "./run-events.ts";

/**
 * Who an event goes to: `operators` with the scope, `everyone` (nodes too), or one `socket` its sender names.
 * `replaced`: whoever may see the event it stands for.
 */
export type Audience = "operators" | "everyone" | "socket" | "replaced";

interface EventContract {
  readonly audience: Audience;
  /** The scope an operator needs, if any. */
  readonly scope?: string;
  readonly summary: string;
  readonly payload: z.ZodType;
}

function events<const T extends Record<string, EventContract>>(table: T): T {
  return table;
}

const Ts = z.object({ ts: z.number() });
const decision = z.enum(["approved", "rejected"]);

const CronEvent = z.object({
  jobId: z.string(),
  status: z.enum(["scheduled", "started", "completed", "failed"]),
  ts: z.number(),
  runId: z.string().optional(),
  result: z.unknown().optional(),
});

const StateDrop = z.object({
  dropped: z.literal(true),
  event: z.string(),
  payloadClass: z.enum(["admin", "operator", "broadcast"]),
  reason: z.literal("payload_too_large"),
  reasonTruncated: z.boolean(),
  resyncRequired: z.literal(true),
  ts: z.number(),
});

const Shutdown = z.object({
  /** At most 1024 characters. */
  reason: z.string(),
  reasonTruncated: z.boolean(),
  restartExpectedMs: z.number().optional(),
});

const ApprovalRequested = z.object({
  requestId: z.string(),
  command: z.string(),
  args: z.array(z.string()),
  ts: z.number(),
  cwd: z.string().optional(),
  agentId: z.string().optional(),
  sessionKey: z.string().optional(),
});

const ApprovalResolved = z.object({
  requestId: z.string(),
  decision: z.enum(["allow-once", "allow-always", "deny", "expired"]),
  ts: z.number(),
});

/** Every event of the contract (websocket.md §10). */
export const eventContracts = events({
  "connect.challenge": {
    audience: "socket",
    summary: "The first word on a socket",
    payload: ConnectChallenge,
  },
  tick: { audience: "socket", summary: "A sign of life, at registration and every 30 s", payload: Ts },
  presence: {
    audience: "operators",
    summary: "Who is connected has changed",
    payload: z.object({ presence: z.array(PresenceEntry) }),
  },
  health: { audience: "operators", summary: "The health status has changed", payload: HealthResult },
  "state.drop": {
    audience: "replaced",
    summary: "An event was too big to send: fetch its state",
    payload: StateDrop,
  },
  shutdown: { audience: "everyone", summary: "The gateway stops", payload: Shutdown },
  heartbeat: { audience: "operators", summary: "The heartbeat, while enabled", payload: Ts },
  "config.changed": {
    audience: "operators",
    summary: "The configuration was reloaded",
    payload: z.object({ mode: z.enum(["hot", "hybrid", "lag-recovery"]), ts: z.number() }),
  },
  agent: {
    audience: "operators",
    scope: "operator.read",
    summary: "A step of a turn",
    payload: z.union([AgentEvent, TruncatedAgentEvent]),
  },
  chat: { audience: "operators", scope: "operator.read", summary: "What a turn says", payload: ChatEvent },
  cron: { audience: "operators", scope: "operator.read", summary: "A scheduled job", payload: CronEvent },
  "node.pair.requested": {
    audience: "operators",
    scope: "operator.pairing",
    summary: "A node asks to be paired",
    payload: NodeRequest,
  },
  "node.pair.resolved": {
    audience: "operators",
    scope: "operator.pairing",
    summary: "A node's request was answered",
    payload: z.object({ requestId: z.string(), nodeId: z.string(), decision, ts: z.number() }),
  },
  "node.invoke.request": {
    audience: "socket",
    summary: "A command for this node",
    payload: NodeInvokeRequest,
  },
  "node.event": {
    audience: "operators",
    scope: "operator.read",
    summary: "A node reports something",
    payload: z.object({ nodeId: z.string(), event: z.string(), payload: z.unknown(), ts: z.number() }),
  },
  "device.pair.requested": {
    audience: "operators",
    scope: "operator.pairing",
    summary: "A device asks to be paired",
    payload: DeviceRequest,
  },
  "device.pair.resolved": {
    audience: "operators",
    scope: "operator.pairing",
    summary: "A device's request was answered",
    payload: z.object({ requestId: z.string(), deviceId: z.string(), decision, ts: z.number() }),
  },
  "exec.approval.requested": {
    audience: "operators",
    scope: "operator.approvals",
    summary: "A command waits for approval",
    payload: ApprovalRequested,
  },
  "exec.approval.resolved": {
    audience: "operators",
    scope: "operator.approvals",
    summary: "A waiting command was answered",
    payload: ApprovalResolved,
  },
  "voicewake.changed": {
    audience: "everyone",
    summary: "The wake words have changed",
    payload: z.object({ triggers: z.array(z.string()), ts: z.number().optional() }),
  },
  "talk.mode": {
    audience: "operators",
    summary: "The talk mode has changed",
    payload: z.object({ enabled: z.boolean(), channel: z.string().optional() }),
  },
  "matrix.verification.requested": {
    audience: "operators",
    scope: "operator.admin",
    summary: "A Matrix device asks to be verified",
    payload: MatrixVerificationEvent,
  },
  "matrix.verification.updated": {
    audience: "operators",
    scope: "operator.admin",
    summary: "A Matrix verification went on",
    payload: MatrixVerificationEvent,
  },
});

export type EventName = keyof typeof eventContracts;
export type EventPayload<E extends EventName> = z.output<(typeof eventContracts)[E]["payload"]>;
/** An event as a client's listener gets it, its payload checked. */
export type GatewayEvent = {
  [E in EventName]: { readonly event: E; readonly payload: EventPayload<E>; readonly seq?: number };
}[EventName];

export function isEventName(name: string): name is EventName {
  return Object.hasOwn(eventContracts, name);
}

/**
 * Whether a broadcast event may go to a connection. For `state.drop` ask for the event it replaces; events for one
 * socket are never broadcast.
 */
export function mayReceive(event: EventName, grant: Grant): boolean {
  const { audience, scope }: EventContract = eventContracts[event];
  if (audience === "everyone") return true;
  if (audience !== "operators" || grant.role === "node") return false;
  return scope === undefined || satisfiesScope(grant.scopes, scope);
}
