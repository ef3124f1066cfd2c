import { RunId, SessionKey } from "@carapace/protocol";
import { type State, StateError } from "@carapace/state";
import { ownerSays, runOf } from "@carapace/state/testing";
import { furnished, victim } from "./tampering.ts";

export type Fixture = Awaited<ReturnType<typeof furnished>>;

/** One kind of thing a state keeps, and how it is read and used. */
export interface Exercise {
  /** The tables and indexes whose damage may show here, by the beginning of their names. */
  readonly tables: readonly string[];
  readonly read: (state: State) => Promise<unknown>;
  readonly use: (state: State) => Promise<unknown>;
}

const nowMs = 1_764_000_000_000;
const histories = [
  "sessions",
  "messages",
  "compactions",
  "archives",
  "runs",
  "sqlite_autoindex_",
  "message_index",
];

/** `furnished`, with a document of every kind beside it. */
export async function fullyFurnished(): Promise<Fixture> {
  const fixture = await furnished();
  const { state } = fixture;
  await state.cron.save(job("daily"));
  await state.cron.save(job("hourly"));
  await state.tasks.save("tasks", task("one"));
  await state.tasks.save("tasks", task("two"));
  await state.profiles.save({ id: "login", token: "enc:v2:x" });
  await state.nodes.save({ nodeId: "node", pairedAtMs: 1 });
  await state.execApprovals.set("{}");
  await state.audit.append({
    actor: "cli",
    event: "config_changed",
    data: { key_path: "gateway.port", actor: "cli", method: "config set" },
  });
  await state.audit.appendForeign(['{"ts":"2026-01-01T00:00:00Z","event":"x","data":{}}'], "a test");
  return fixture;
}

/** Everything a state can be asked, by name. */
export function exercises({ victimId, bystanderId }: Pick<Fixture, "victimId" | "bystanderId">) {
  const all: Record<string, Exercise> = {
    sessions: {
      tables: histories,
      read: ({ sessions }) => sessions.list({}),
      use: ({ sessions }) => sessions.upsert(SessionKey.parse("another"), {}, nowMs),
    },
    victim: {
      tables: histories,
      read: ({ sessions }) => sessions.history(victimId, { intactOnly: true }),
      use: ({ sessions }) => sessions.append(victimId, [ownerSays("more")]),
    },
    bystander: {
      tables: histories,
      read: ({ sessions }) => sessions.history(bystanderId, { intactOnly: true }),
      use: ({ sessions }) => sessions.append(bystanderId, [ownerSays("more")]),
    },
    search: {
      tables: histories,
      read: ({ sessions }) => sessions.search("text", { limit: 20 }),
      use: ({ sessions }) => sessions.search("text", { limit: 2, agentId: "main" }),
    },
    compaction: {
      tables: histories,
      read: ({ sessions }) => sessions.compaction(victimId),
      use: ({ sessions }) =>
        sessions.fork(victimId, { key: SessionKey.parse("fork"), metadata: {}, limit: 3, nowMs }),
    },
    archives: {
      tables: histories,
      read: ({ sessions }) => sessions.archives(10, 0),
      use: ({ sessions }) => sessions.restoreArchive(victimId, nowMs),
    },
    runs: {
      tables: [...histories, "usage"],
      read: async ({ runs }) => [
        await runs.unfinished(),
        await runs.find("run-done"),
        await runs.find("run-b"),
      ],
      use: async ({ runs }) => {
        await runs.accept(runOf("run-new", "bystander", "x"));
        await runs.begin(RunId.parse("run-b"), nowMs);
        await runs.finish(RunId.parse("run-b"), { status: "cancelled" }, nowMs);
      },
    },
    unfinished: {
      tables: histories,
      read: async ({ runs }) => Array.fromAsync(runs.unfinishedOf("queued")),
      use: ({ runs }) => runs.prune(1),
    },
    notes: {
      tables: ["memory", "sqlite_autoindex_memory"],
      read: ({ memory }) => memory.list("main"),
      use: async ({ memory }) => {
        await memory.write("main", { key: "new", value: "n", origin: { kind: "owner" }, updatedAtMs: 5 });
        await memory.write("main", { key: "bank", value: "n", origin: { kind: "owner" }, updatedAtMs: 5 });
        await memory.forget("main", "colour");
      },
    },
    foundNotes: {
      tables: ["memory", "sqlite_autoindex_memory"],
      read: ({ memory }) => memory.search("main", "green", 5),
      use: ({ memory }) => memory.search("main", "account", 5),
    },
    usage: {
      tables: ["usage"],
      read: async ({ usage }) => [await usage.days(0), await usage.sessions(0)],
      use: async ({ usage }) => {
        const cost = { inputTokens: 1, outputTokens: 1 };
        const entry = { provider: "p", model: "p:m", agentId: "main", usage: cost, costUsd: 1, atMs: 5 };
        await usage.record({ ...entry, sessionKey: victim });
        await usage.clear(victim);
      },
    },
    settings: {
      tables: ["records"],
      read: ({ settings }) => settings.get("cursor"),
      use: ({ settings }) => settings.set("cursor", 2),
    },
    devices: {
      tables: ["records"],
      read: async ({ devices }) => [await devices.list(), await devices.requests(), await devices.tokens()],
      use: ({ devices }) => devices.revokeTokens("phone", "operator"),
    },
    nodes: {
      tables: ["records"],
      read: ({ nodes }) => nodes.all(),
      use: ({ nodes }) => nodes.remove("node"),
    },
    approvals: {
      tables: ["records"],
      read: ({ execApprovals }) => execApprovals.get(),
      use: ({ execApprovals }) => execApprovals.set("{ }"),
    },
    cron: {
      tables: ["cron_jobs"],
      read: async ({ cron }) => [await cron.list(), await cron.due(nowMs, 9), await cron.nextRunAtMs()],
      use: ({ cron }) => cron.save(job("daily")),
    },
    tasks: {
      tables: ["tasks"],
      read: async ({ tasks }) => [await tasks.list("tasks"), await tasks.due("tasks", nowMs, 9)],
      use: ({ tasks }) => tasks.remove("tasks", "two"),
    },
    profiles: {
      tables: ["auth_profiles"],
      read: ({ profiles }) => profiles.list(),
      use: ({ profiles }) => profiles.save({ id: "login", token: "enc:v2:y" }),
    },
    audit: {
      tables: ["audit", "records"],
      read: async ({ audit }) => [(await audit.tail({ limit: 20 })).records, await audit.foreign(0, 9)],
      use: async ({ audit }) => {
        await audit.verify();
        await audit.append({
          actor: "cli",
          event: "config_changed",
          data: { key_path: "a.b", actor: "cli", method: "config set" },
        });
        await audit.cut({ beforeMs: nowMs, maxRecords: 1 });
      },
    },
  };
  return all;
}

/** What it gave, or the code it was refused with; a fault of the program is thrown on. */
export async function outcome(
  work: () => Promise<unknown>,
): Promise<{ value: string } | { refused: string }> {
  try {
    return { value: JSON.stringify(await work()) ?? "undefined" };
  } catch (error) {
    if (error instanceof StateError) return { refused: error.code };
    throw error;
  }
}

function job(id: string) {
  const schedule = { kind: "every", everyMs: 5 } as const;
  const payload = { kind: "systemEvent", text: "t" } as const;
  const state = { nextRunAtMs: 10 };
  return { id, name: id, enabled: true, createdAtMs: 1, updatedAtMs: 1, schedule, payload, state };
}

function task(id: string) {
  const payload = { kind: "agentTurn", message: "m" } as const;
  return {
    id,
    state: "queued",
    attempts: 0,
    nextRunAtMs: null,
    payload,
    createdAtMs: 1,
    updatedAtMs: 1,
  } as const;
}
