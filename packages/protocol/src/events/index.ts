import { z } from "zod";
import { type Grant, type OperatorAccess, satisfiesAccess } from "../access.ts";
import { ConnectChallenge } from "../handshake/hello.ts";
import { lazily } from "../lazily.ts";
import { DeviceRequest } from "../methods/devices.ts";
import { HealthResult } from "../methods/health.ts";
import { Anything, Bool, MaybeAnything, MaybeNum, MaybeText, Num, Text, Texts, True } from "../scalars.ts";
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
  readonly scope?: OperatorAccess;
  readonly summary: string;
  readonly payload: z.ZodType;
}

/** A contract as the table writes it. */
type EventSource = Omit<EventContract, "payload"> & { readonly payload: () => z.ZodType };
type Contracts<T extends Record<string, EventSource>> = {
  readonly [E in keyof T]: EventContract & { readonly payload: ReturnType<T[E]["payload"]> };
};

/** Makes the contracts; payload schemas are built when they are first read, which a gateway never does. */
function events<const T extends Record<string, EventSource>>(table: T): Contracts<T> {
  const made = Object.entries(table).map(([name, { payload, ...facts }]) => [
    name,
    lazily(facts, { payload }),
  ]);
  // Each entry is made of its own source; only the table's type cannot say so.
  return Object.fromEntries(made) as unknown as Contracts<T>;
}

const Ts = () => z.object({ ts: Num });
const decision = z.enum(["approved", "rejected"]);

const CronEvent = () =>
  z.object({
    jobId: Text,
    status: z.enum(["scheduled", "started", "completed", "failed"]),
    ts: Num,
    runId: MaybeText,
    result: MaybeAnything,
  });

const StateDrop = () =>
  z.object({
    dropped: True,
    event: Text,
    payloadClass: z.enum(["admin", "operator", "broadcast"]),
    reason: z.literal("payload_too_large"),
    reasonTruncated: Bool,
    resyncRequired: True,
    ts: Num,
  });

const Shutdown = () =>
  z.object({
    /** At most 1024 characters. */
    reason: Text,
    reasonTruncated: Bool,
    restartExpectedMs: MaybeNum,
  });

const ApprovalRequested = () =>
  z.object({
    requestId: Text,
    command: Text,
    args: Texts,
    ts: Num,
    cwd: MaybeText,
    agentId: MaybeText,
    sessionKey: MaybeText,
  });

const ApprovalResolved = () =>
  z.object({
    requestId: Text,
    decision: z.enum(["allow-once", "allow-always", "deny", "expired"]),
    ts: Num,
  });

/** Every event of the contract (websocket.md §10). */
export const eventContracts = events({
  "connect.challenge": {
    audience: "socket",
    summary: "The first word on a socket",
    payload: () => ConnectChallenge,
  },
  tick: { audience: "socket", summary: "A sign of life, at registration and every 30 s", payload: Ts },
  presence: {
    audience: "operators",
    summary: "Who is connected has changed",
    payload: () => z.object({ presence: z.array(PresenceEntry) }),
  },
  health: { audience: "operators", summary: "The health status has changed", payload: () => HealthResult },
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
    payload: () => z.object({ mode: z.enum(["hot", "hybrid", "lag-recovery"]), ts: Num }),
  },
  agent: {
    audience: "operators",
    scope: "read",
    summary: "A step of a turn",
    payload: () => z.union([AgentEvent, TruncatedAgentEvent]),
  },
  chat: { audience: "operators", scope: "read", summary: "What a turn says", payload: () => ChatEvent },
  cron: { audience: "operators", scope: "read", summary: "A scheduled job", payload: CronEvent },
  "node.pair.requested": {
    audience: "operators",
    scope: "pairing",
    summary: "A node asks to be paired",
    payload: () => NodeRequest,
  },
  "node.pair.resolved": {
    audience: "operators",
    scope: "pairing",
    summary: "A node's request was answered",
    payload: () => z.object({ requestId: Text, nodeId: Text, decision, ts: Num }),
  },
  "node.invoke.request": {
    audience: "socket",
    summary: "A command for this node",
    payload: () => NodeInvokeRequest,
  },
  "node.event": {
    audience: "operators",
    scope: "read",
    summary: "A node reports something",
    payload: () => z.object({ nodeId: Text, event: Text, payload: Anything, ts: Num }),
  },
  "device.pair.requested": {
    audience: "operators",
    scope: "pairing",
    summary: "A device asks to be paired",
    payload: () => DeviceRequest,
  },
  "device.pair.resolved": {
    audience: "operators",
    scope: "pairing",
    summary: "A device's request was answered",
    payload: () => z.object({ requestId: Text, deviceId: Text, decision, ts: Num }),
  },
  "exec.approval.requested": {
    audience: "operators",
    scope: "approvals",
    summary: "A command waits for approval",
    payload: ApprovalRequested,
  },
  "exec.approval.resolved": {
    audience: "operators",
    scope: "approvals",
    summary: "A waiting command was answered",
    payload: ApprovalResolved,
  },
  "voicewake.changed": {
    audience: "everyone",
    summary: "The wake words have changed",
    payload: () => z.object({ triggers: Texts, ts: MaybeNum }),
  },
  "talk.mode": {
    audience: "operators",
    summary: "The talk mode has changed",
    payload: () => z.object({ enabled: Bool, channel: MaybeText }),
  },
  "matrix.verification.requested": {
    audience: "operators",
    scope: "admin",
    summary: "A Matrix device asks to be verified",
    payload: () => MatrixVerificationEvent,
  },
  "matrix.verification.updated": {
    audience: "operators",
    scope: "admin",
    summary: "A Matrix verification went on",
    payload: () => MatrixVerificationEvent,
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
  return scope === undefined || satisfiesAccess(grant.scopes, scope);
}
