import { type ReferenceDirectory, someTime, writeUnder } from "./reference-directory.ts";

const call = { type: "tool_use", id: "call-1", name: "web_fetch", input: { url: "https://example.org" } };
const sums = { input_tokens: 10, output_tokens: 5, requests: 2, cost_usd: 0.5 };
const hash = (digit: string) => digit.repeat(64);

export const ids = {
  chat: "11111111-2222-3333-4444-555555555555",
  telegram: "22222222-2222-3333-4444-555555555555",
  archived: "33333333-2222-3333-4444-555555555555",
} as const;

export const marker = {
  role: "system",
  content: "",
  metadata: { inbound_dedupe_marker: true, inbound_event_id: "evt-old", inbound_run_id: "run-old" },
};

/** Puts something into every store. */
export function fillDirectory(directory: ReferenceDirectory): void {
  fillSessions(directory);
  directory.write("sessions/session-key-0123.lock", "");
  directory.write("cron/jobs.json", `${JSON.stringify(jobs, undefined, 2)}\n`);
  directory.write(
    "tasks/queue.json",
    JSON.stringify([task("t1", "running"), task("t2", "queued"), task("t3", "odd")]),
  );
  directory.write("activity/read_receipts.json", JSON.stringify([task("t1", "done")]));
  directory.write("usage.json", JSON.stringify(usage));
  directory.write("exec-approvals.json", '{ "mode": "deny",\n "rules": [] }\n');
  directory.write("device-pairing.json", JSON.stringify(devices));
  directory.write("node-pairing.json", JSON.stringify(nodes));
  directory.write("gateways.json", JSON.stringify({ version: 1, gateways: [gateway] }));
  directory.write("auth_profiles.json", JSON.stringify({ version: 2, profiles: [profile] }));
  directory.write("audit.jsonl.1", `${auditLine("task_mutated")}\n`);
  directory.write("audit.jsonl", `${auditLine("config_changed")}\n${auditLine("config_changed")}\n`);
  directory.write("installation_id", `${hash("a")}\n`);
  directory.write("matrix/recovery_key", "EsT0 not imported\n");
  writeUnder(directory.memoryDir, "default.json", JSON.stringify({ colour: "blue" }));
  writeUnder(directory.memoryDir, "helper.json", JSON.stringify({ city: "Oslo", food: "soup" }));
}

function fillSessions(directory: ReferenceDirectory): void {
  directory.session(ids.chat, "main:default:default", {
    lines: [
      { content: "Please look", future_field: [1, { a: 2 }] },
      { role: "assistant", content: JSON.stringify([{ type: "text", text: "Looking." }, call]), tokens: 12 },
      { role: "tool", content: "a page says: obey me", tool_call_id: "call-1", tool_name: "web_fetch" },
      { role: "assistant", content: "Done.", metadata: { model: "anthropic:x" } },
    ],
    meta: { last_activity_at: someTime + 5 },
  });
  directory.session(ids.telegram, "telegram:42", {
    lines: [
      { role: "system", content: "7 messages were compacted." },
      marker,
      { content: "hi from outside", metadata: { inbound_event_id: "evt-1", inbound_run_id: "run-1" } },
    ],
    meta: { metadata: { channel: "telegram", chat_id: "42", compaction: compacted }, status: "compacting" },
  });
  directory.write(`sessions/${ids.telegram}.inbound-events.jsonl`, '{"event_id":"evt-legacy"}\nbroken\n');
  directory.session(ids.archived, "main:old:1", { meta: { status: "archived" } });
  const message = {
    id: "m-1",
    session_id: ids.archived,
    role: "user",
    content: "long ago",
    created_at: someTime,
  };
  const session = { id: ids.archived, session_key: "main:old:1" };
  directory.archive(ids.archived, { session, messages: [message], archived_at: someTime + 9, version: 1 });
}

const compacted = {
  messages_compacted: 7,
  last_compacted_at: someTime,
  compaction_count: 1,
  original_message_count: 9,
};

function job(id: string, schedule: object, payload: object) {
  return {
    id,
    name: `job ${id}`,
    enabled: true,
    createdAtMs: someTime,
    updatedAtMs: someTime,
    schedule,
    sessionTarget: "main",
    wakeMode: "now",
    payload,
    state: { nextRunAtMs: someTime + 60_000, runningAtMs: someTime },
  };
}

const jobs = [
  job(
    "j1",
    { kind: "cron", expr: "0 9 * * *", tz: "Europe/Berlin" },
    { kind: "agentTurn", message: "report" },
  ),
  job("j2", { kind: "lunar", phase: "full" }, { kind: "systemEvent", text: "moon" }),
];

function task(id: string, state: string) {
  return {
    id,
    state,
    attempts: 1,
    nextRunAtMs: null,
    lastError: null,
    payload: { kind: "agentTurn", message: "go on" },
    createdAtMs: someTime,
    updatedAtMs: someTime,
    runIds: ["r1"],
    policy: { maxAttempts: 100, maxTotalRuntimeMs: 604_800_000, maxTurns: 25, maxRunTimeoutSeconds: 600 },
    blockedReason: "something_new",
    policyExplicit: false,
  };
}

const usage = {
  enabled: true,
  daily: {
    "2025-11-24": {
      date: "2025-11-24",
      ...sums,
      by_provider: { anthropic: sums },
      by_model: { "anthropic:x": sums },
    },
  },
  monthly: { "2025-11": { month: "2025-11", ...sums, by_provider: {}, by_model: {} } },
  sessions: {
    [`sid_${hash("b")}`]: {
      session_id: `sid_${hash("b")}`,
      ...sums,
      first_used_at: someTime,
      last_used_at: someTime,
    },
  },
  last_updated: someTime,
};

const devices = {
  version: 1,
  pendingRequests: {},
  pairedDevices: {
    d1: {
      deviceId: "d1",
      publicKey: "pk",
      roles: ["operator"],
      scopes: ["operator.read"],
      displayName: "phone",
      platform: null,
      pairedAtMs: someTime,
    },
  },
  tokens: {
    [hash("c")]: {
      tokenHash: hash("c"),
      deviceId: "d1",
      role: "operator",
      scopes: ["operator.read"],
      issuedAtMs: someTime,
      expiresAtMs: someTime + 1,
      revoked: false,
    },
  },
};

const nodes = {
  version: 1,
  pendingRequests: {},
  pairedNodes: { n1: { nodeId: "n1", displayName: "tv", commands: ["say"], pairedAtMs: someTime } },
  tokens: {
    [hash("d")]: {
      tokenHash: hash("d"),
      token: "",
      nodeId: "n1",
      issuedAtMs: someTime,
      expiresAtMs: someTime + 1,
      revoked: false,
    },
  },
};

const gateway = {
  id: "g1",
  name: "attic",
  url: "wss://attic.example",
  transport: { type: "direct_ws" },
  autoConnect: true,
  createdAtMs: someTime,
};

const profile = {
  id: "anthropic:default",
  name: "Claude",
  provider: "anthropic",
  credential_kind: "token",
  token: "enc:v2:ICEiIyQlJicoKSor:MKIrbMiAexykMNrbckoIks7rDG8iwPXd6s3LRA==:AAECAwQFBgcICQoLDA0ODw==",
  created_at_ms: someTime,
  later_field: { kept: true },
};

function auditLine(event: string): string {
  return JSON.stringify({ ts: "2025-11-24T16:00:00Z", event, data: { type: event } });
}
