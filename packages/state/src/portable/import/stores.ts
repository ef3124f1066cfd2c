import { cronDocuments } from "../../cron/jobs.ts";
import { deviceRecords } from "../../devices/devices.ts";
import { profileDocuments } from "../../profiles/profiles.ts";
import { approvalRecords, storeApprovals, storedApprovals } from "../../registries/approvals.ts";
import { gatewayRecords } from "../../registries/gateways.ts";
import { nodeRecords } from "../../registries/nodes.ts";
import { settingRecords } from "../../settings/settings.ts";
import { TaskDocuments } from "../../tasks/tasks.ts";
import { aggregateDocuments, aggregateId } from "../../usage/aggregates.ts";
import type { PortableDeps } from "../deps.ts";
import type { PortableItem } from "../types.ts";

/** A store by id. */
interface Place<T> {
  find(id: string): T | undefined;
  save(id: string, value: T): void;
}

/** One record a file has, and how it gets its place here. */
export interface Incoming {
  readonly name: string;
  /** Whether the very same is here already. */
  isHere(): "same" | "other" | "no";
  save(): void;
}

export type DocumentItem = Extract<
  PortableItem,
  {
    kind:
      | "cron"
      | "tasks"
      | "usage"
      | "approvals"
      | "devices"
      | "nodes"
      | "gateways"
      | "profiles"
      | "installation";
  }
>;

type Unpack = {
  readonly [K in DocumentItem["kind"]]: (
    deps: PortableDeps,
    item: Extract<DocumentItem, { kind: K }>,
  ) => readonly Incoming[];
};

const unpack: Unpack = {
  cron: (deps, { jobs }) => incoming(cronDocuments(deps), jobs, (job) => job.id),
  tasks: (deps, { queue, tasks }) => {
    const documents = new TaskDocuments(deps);
    const place = {
      find: (id: string) => documents.find(queue, id),
      save: (_id: string, task: (typeof tasks)[number]) => documents.save(queue, task),
    };
    return incoming(place, tasks, (task) => task.id);
  },
  usage: (deps, { aggregates, isEnabled }) => [
    ...incoming(aggregateDocuments(deps), aggregates, aggregateId),
    // Recording is on unless somebody turned it off.
    ...(isEnabled ? [] : [setting(deps, "usage.enabled", false)]),
  ],
  approvals: (deps, { text }) => {
    const records = approvalRecords(deps);
    const stored = storedApprovals(records);
    return [
      {
        name: "the rules",
        isHere: () => (stored === undefined ? "no" : stored.text === text ? "same" : "other"),
        save: () => void storeApprovals(records, text),
      },
    ];
  },
  devices: (deps, item) => {
    const { devices, requests, tokens } = deviceRecords(deps);
    return [
      ...incoming(devices, item.devices, (device) => device.deviceId),
      ...incoming(requests, item.requests, (request) => request.requestId),
      ...incoming(tokens, item.tokens, (token) => token.tokenHash),
    ];
  },
  nodes: (deps, { registry }) => {
    const { nodes, requests, tokens } = nodeRecords(deps);
    return [
      ...incoming(nodes, registry.nodes, (node) => node.nodeId),
      ...incoming(requests, registry.requests, (request) => request.requestId),
      ...incoming(tokens, registry.tokens, (token) => token.tokenHash),
    ];
  },
  gateways: (deps, { gateways }) => incoming(gatewayRecords(deps), gateways, (gateway) => gateway.id),
  profiles: (deps, { profiles }) => incoming(profileDocuments(deps), profiles, (profile) => profile.id),
  installation: (deps, { id }) => [setting(deps, "installation.id", id)],
};

/** The records of a file. The caller holds the transaction. */
export function recordsOf(deps: PortableDeps, item: DocumentItem): readonly Incoming[] {
  // The table has a function of each kind for exactly its own items.
  return (unpack[item.kind] as (deps: PortableDeps, item: DocumentItem) => readonly Incoming[])(deps, item);
}

function incoming<T>(place: Place<T>, records: readonly T[], idOf: (record: T) => string): Incoming[] {
  return records.map((record) => {
    const id = idOf(record);
    return { name: id, isHere: () => compare(place.find(id), record), save: () => place.save(id, record) };
  });
}

function setting(deps: PortableDeps, name: string, value: unknown): Incoming {
  const records = settingRecords(deps);
  const save = () => records.save(name, { value });
  return { name, isHere: () => compare(records.find(name), { value }), save };
}

function compare(stored: unknown, given: unknown): "same" | "other" | "no" {
  if (stored === undefined) return "no";
  return Bun.deepEquals(stored, given) ? "same" : "other";
}
