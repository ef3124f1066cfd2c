import { lstatSync, mkdirSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { type Change, type DiskSteps, systemSteps } from "@carapace/files";
import { openDatabase } from "../database/open.ts";
import { text, textColumns } from "../database/row.ts";
import { StateError } from "../errors.ts";
import { deriveKeys } from "../keys/derive.ts";
import { knownKey } from "../keys/known-key.ts";
import { openState } from "../open.ts";
import { pathBelow } from "../pending.ts";
import { TaskQueue, type TaskRepository } from "../tasks/types.ts";
import type { KeyStore, State } from "../types.ts";
import { explained } from "./explained.ts";
import { abandonSwap, beginSwap, databaseChanges, isThere, sameFolder, swap } from "./restore/swap.ts";
import { snapshotDatabase } from "./snapshot.ts";

/** What `cara reset` can empty, in the order it says so (cli.md §3.9). */
export const resetCategories = ["sessions", "cron", "usage", "memory", "tasks"] as const;
export type ResetCategory = (typeof resetCategories)[number];

export interface ResetOptions {
  /** The state directory; the caller holds its lock. */
  readonly dir: string;
  readonly keys: KeyStore;
  readonly configPath: string;
  readonly categories: readonly ResetCategory[];
  /** Where the reference keeps notes (state.md §14). */
  readonly memoryDir: string;
  readonly newId: () => string;
  readonly signal?: AbortSignal;
  readonly steps?: DiskSteps;
}

export interface ResetReport {
  /** How many records of each were removed. */
  readonly removed: Readonly<Partial<Record<ResetCategory, number>>>;
  /** Files of the reference that were there and are gone; by their names in the directory, or absolute. */
  readonly files: readonly string[];
  /** Set if the reset is decided, but this process could not finish it: the next start does. */
  readonly unfinished?: string;
}

/** The reference's files in the state directory (state.md §1). */
const referenceFiles: Readonly<Record<Exclude<ResetCategory, "memory">, readonly string[]>> = {
  sessions: ["sessions"],
  cron: ["cron"],
  usage: ["usage.json"],
  tasks: ["tasks", "activity"],
};

/** How many records there are of each category, and which of the reference's files; changes nothing. */
export async function countResettable(options: Omit<ResetOptions, "steps">): Promise<ResetReport> {
  const { dir, categories, keys, newId } = options;
  const files = presentFiles(options);
  const key = await keys.load();
  if (key === undefined || !isThere(join(dir, "state.db"))) return { removed: {}, files };
  await using state = await openState({ dir, keys, newId });
  const agents = await agentsWithNotes(dir, key);
  const removed: Partial<Record<ResetCategory, number>> = {};
  for (const category of categories) removed[category] = await contents[category](state, agents).count();
  return { removed, files };
}

/**
 * Empties categories: in a copy of the database, which is rewritten without what was removed and then takes the
 * place of the old one, together with the removal of the reference's files. The old state or the new one, nothing between.
 */
export async function resetState(options: ResetOptions): Promise<ResetReport> {
  const { dir, configPath, steps = systemSteps } = options;
  const place = { dir, configPath, steps };
  const staging = beginSwap(place);
  const assertStaged = sameFolder(staging);
  let isDecided = false;
  try {
    const files = presentFiles(options);
    const copy = join(staging, "database");
    mkdirSync(copy, { mode: 0o700 });
    const { removed, changes } = await emptied(options, copy);
    options.signal?.throwIfAborted();
    const inside = files.filter((path) => !isAbsolute(path));
    const all = [...changes, ...inside.map((path): Change => ({ kind: "remove", path }))];
    assertStaged();
    const unfinished = all.length === 0 ? undefined : swap(place, all);
    isDecided = all.length > 0;
    for (const path of files.filter(isAbsolute)) removeElsewhere(path, steps);
    return { removed, files, ...(unfinished !== undefined && { unfinished }) };
  } catch (error) {
    throw explained(dir, error);
  } finally {
    if (!isDecided) abandonSwap(place);
  }
}

/** Notes that lie outside of the state directory cannot be part of its change: they go once that is decided. */
function removeElsewhere(path: string, steps: DiskSteps): void {
  try {
    steps.removeTree(path);
  } catch (error) {
    throw explained(path, error);
  }
}

async function emptied(
  options: ResetOptions,
  copy: string,
): Promise<{ removed: ResetReport["removed"]; changes: Change[] }> {
  const { dir, keys, categories, newId, signal } = options;
  const key = await keys.load();
  const size = key === undefined ? undefined : await snapshotDatabase({ dir, key, into: copy });
  if (key === undefined || size === undefined) return { removed: {}, changes: [] };
  const removed: Partial<Record<ResetCategory, number>> = {};
  const agents = await agentsWithNotes(copy, key, "DELETE");
  {
    await using state = await openState({
      dir: copy,
      isDraft: true,
      keys: knownKey(key),
      newId,
    });
    for (const category of categories) {
      removed[category] = await contents[category](state, agents).remove(signal);
    }
    await state.audit.append({ actor: "cli", event: "state_reset", data: { sections: [...categories] } });
  }
  await rewrite(copy, key);
  return { removed, changes: databaseChanges(dir, join(copy, "state.db")) };
}

/** Without the free pages, which held what was removed. */
async function rewrite(dir: string, key: Uint8Array): Promise<void> {
  const file = join(dir, "state.db");
  const connection = await openDatabase({
    file,
    key: deriveKeys(key).database,
    busyTimeoutMs: 2000,
    journal: "DELETE",
  });
  try {
    connection.script("VACUUM");
  } finally {
    connection.close();
  }
}

interface Contents {
  count(): Promise<number>;
  /** @returns how many there were */
  remove(signal?: AbortSignal): Promise<number>;
}

const contents: Readonly<Record<ResetCategory, (state: State, agents: readonly string[]) => Contents>> = {
  sessions: ({ sessions, outbox }) => ({
    count: () => sessions.count(),
    remove: async (signal) => {
      // They hold what was said in them.
      await outbox.clear();
      let removed = 0;
      for (;;) {
        const some = await sessions.list({ limit: 200 });
        if (some.length === 0) return removed;
        for (const { id } of some) {
          signal?.throwIfAborted();
          if (!(await sessions.delete(id)))
            throw new StateError("corrupt", "A session cannot be removed: run cara doctor.");
          removed += 1;
        }
      }
    },
  }),
  cron: ({ cron, cronRuns }) => ({
    count: async () => (await cron.list()).length,
    remove: async () => {
      const jobs = await cron.list();
      for (const { id } of jobs) await cron.remove(id);
      // What the jobs did goes with them: it holds the beginnings of their replies.
      await cronRuns.clear();
      return jobs.length;
    },
  }),
  tasks: ({ tasks }) => ({
    count: async () => (await allTasks(tasks)).length,
    remove: async () => {
      const all = await allTasks(tasks);
      for (const { queue, id } of all) await tasks.remove(queue, id);
      return all.length;
    },
  }),
  usage: ({ usage }) => ({
    count: async () => (await usage.sessions(0)).length,
    remove: () => usage.clear(),
  }),
  memory: ({ memory }, agents) => ({
    count: async () => {
      let count = 0;
      for (const agent of agents) count += (await memory.list(agent)).length;
      return count;
    },
    remove: async (signal) => {
      let removed = 0;
      for (const agent of agents) {
        for (const { key } of await memory.list(agent)) {
          signal?.throwIfAborted();
          if (await memory.forget(agent, key)) removed += 1;
        }
      }
      return removed;
    },
  }),
};

async function allTasks(tasks: TaskRepository) {
  const lists = await Promise.all(
    TaskQueue.options.map(async (queue) => (await tasks.list(queue)).map(({ id }) => ({ queue, id }))),
  );
  return lists.flat();
}

async function agentsWithNotes(
  dir: string,
  key: Uint8Array,
  journal: "WAL" | "DELETE" = "WAL",
): Promise<string[]> {
  const file = join(dir, "state.db");
  const connection = await openDatabase({
    file,
    key: deriveKeys(key).database,
    busyTimeoutMs: 2000,
    journal,
  });
  try {
    const sql = `SELECT DISTINCT ${textColumns("agent_id")} FROM memory ORDER BY memory.agent_id`;
    return connection.read(() => connection.all(sql).map((row) => text(row, "agent_id")));
  } finally {
    connection.close();
  }
}

/** @throws StateError `unsafe_path` for a link in the place of one */
function presentFiles({ dir, categories, memoryDir }: Omit<ResetOptions, "steps">): string[] {
  const names = categories.flatMap((category) =>
    category === "memory" ? [pathBelow(dir, memoryDir) ?? memoryDir] : referenceFiles[category],
  );
  const present = names.filter((name) => isThere(resolve(dir, name)));
  for (const name of present) {
    const path = resolve(dir, name);
    if (lstatSync(path).isSymbolicLink()) {
      throw new StateError(
        "unsafe_path",
        `${path} is a symbolic link: remove it, or empty what it leads to yourself.`,
      );
    }
  }
  return present;
}
