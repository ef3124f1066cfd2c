import { createHash } from "node:crypto";
import { cronDocuments } from "../../cron/jobs.ts";
import { lossyText, textColumns } from "../../database/row.ts";
import { deviceRecords } from "../../devices/devices.ts";
import type { PairedDevice, PairingRequest } from "../../devices/types.ts";
import { profileDocuments } from "../../profiles/profiles.ts";
import { approvalRecords, storedApprovals } from "../../registries/approvals.ts";
import { gatewayRecords } from "../../registries/gateways.ts";
import { nodeRecords } from "../../registries/nodes.ts";
import { TaskDocuments } from "../../tasks/tasks.ts";
import type { TaskQueue } from "../../tasks/types.ts";
import type { PortableDeps } from "../deps.ts";
import { type NotesFile, noteFactsPath } from "../note-facts.ts";
import type { PortableOutput } from "../types.ts";
import { prettyFile, wholeFile } from "./json-file.ts";

/** Scheduled jobs (state.md §4). */
export async function* writeCron(deps: PortableDeps): AsyncGenerator<PortableOutput> {
  const jobs = deps.connection.read(() => cronDocuments(deps).list());
  if (jobs.length > 0) yield prettyFile("cron/jobs.json", jobs);
}

const queues: readonly (readonly [TaskQueue, string])[] = [
  ["tasks", "tasks/queue.json"],
  ["read_receipts", "tasks/read_receipts.json"],
];

/** Durable tasks (state.md §5). */
export async function* writeTasks(deps: PortableDeps): AsyncGenerator<PortableOutput> {
  for (const [queue, path] of queues) {
    const tasks = deps.connection.read(() => new TaskDocuments(deps).list(queue));
    if (tasks.length > 0) yield prettyFile(path, tasks);
  }
}

/** Agents' notes (state.md §14), and beside them their labels and times. */
export async function* writeMemory(deps: PortableDeps): AsyncGenerator<PortableOutput> {
  const agents: NotesFile["agents"] = [];
  const taken = new Set<string>();
  for (const agentId of agentsOf(deps)) {
    const notes = await deps.memory.list(agentId);
    if (notes.length === 0) continue;
    const path = notesPath(agentId, taken);
    taken.add(path);
    yield prettyFile(path, Object.fromEntries(notes.map(({ key, value }) => [key, value])));
    const facts = notes.map(
      ({ key, origin, updatedAtMs }): [string, { origin: typeof origin; updatedAtMs: number }] => [
        key,
        { origin, updatedAtMs },
      ],
    );
    agents.push({ path, agentId, notes: facts });
  }
  const file: NotesFile = { version: 1, agents };
  if (agents.length > 0) yield wholeFile(noteFactsPath, JSON.stringify(file));
}

function agentsOf(deps: PortableDeps): string[] {
  const sql = `SELECT DISTINCT ${textColumns("m.agent_id")} FROM memory m`;
  const rows = deps.connection.read(() => deps.connection.all(sql));
  return rows.map((row) => lossyText(row, "agent_id")).sort();
}

/** What the reference makes of an agent's id; two that would have one name get two. */
function notesPath(agentId: string, taken: ReadonlySet<string>): string {
  const plain = agentId.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 200);
  const path = `memory/${plain}.json`;
  if (!taken.has(path)) return path;
  return `memory/${plain}-${createHash("sha256").update(agentId).digest("hex").slice(0, 8)}.json`;
}

/** Pairings, links, logins and rules (state.md §7, §8, §11.1). */
export async function* writeRegistries(deps: PortableDeps): AsyncGenerator<PortableOutput> {
  const { connection } = deps;
  const devices = connection.read(() => deviceRecords(deps));
  yield prettyFile("device-pairing.json", {
    version: 1,
    pendingRequests: byId(connection.read(() => devices.requests.list()).map(storedRequest), "requestId"),
    pairedDevices: byId(connection.read(() => devices.devices.list()).map(storedDevice), "deviceId"),
    tokens: byId(
      connection.read(() => devices.tokens.list()),
      "tokenHash",
    ),
  });
  const nodes = nodeRecords(deps);
  const tokens = connection.read(() => nodes.tokens.list()).map((token) => ({ ...token, token: "" }));
  yield prettyFile("node-pairing.json", {
    version: 1,
    pendingRequests: byId(
      connection.read(() => nodes.requests.list()),
      "requestId",
    ),
    pairedNodes: byId(
      connection.read(() => nodes.nodes.list()),
      "nodeId",
    ),
    tokens: byId(tokens, "tokenHash"),
  });
  const gateways = connection.read(() => gatewayRecords(deps).list());
  yield prettyFile("gateways.json", { version: 1, gateways });
  const profiles = connection.read(() => profileDocuments(deps).list());
  yield prettyFile("auth_profiles.json", { version: 2, profiles });
  const rules = connection.read(() => storedApprovals(approvalRecords(deps)));
  if (rules !== undefined) yield wholeFile("exec-approvals.json", rules.text);
}

function byId<K extends string, T extends { readonly [name in K]: string }>(records: readonly T[], key: K) {
  return Object.fromEntries(records.map((record) => [record[key], record]));
}

function storedDevice({ createdAtMs: _made, approvedAtMs, lastSeenAtMs, ...device }: PairedDevice) {
  return {
    ...device,
    pairedAtMs: approvedAtMs,
    ...(lastSeenAtMs === undefined ? {} : { lastSeenMs: lastSeenAtMs }),
  };
}

function storedRequest({ scopes, ...request }: PairingRequest) {
  return { ...request, requestedRoles: [request.role], requestedScopes: scopes };
}
