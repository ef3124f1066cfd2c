import type { TaskRecord } from "./record.ts";
import { dependencyDone, dependencyLost } from "./rules.ts";
import type { TaskStore } from "./store.ts";

export interface DependentsDeps {
  readonly store: TaskStore;
  readonly nowMs: () => number;
}

/** Which tasks wait for which others. Kept in memory, as few do; read from the table when the gateway starts. */
export interface Dependents {
  /** From now on it is looked at when one of those it waits for ends; at once, too, as one may have ended already. */
  watch(task: TaskRecord): Promise<void>;
  /** A task has ended. @returns whether another one may go on now. */
  ended(id: string): Promise<boolean>;
}

export function createDependents({ store, nowMs }: DependentsDeps): Dependents {
  const waiting = new Map<string, Set<string>>();

  /** @returns whether the state of the other was news to it. */
  async function look(id: string, dependency: string): Promise<boolean> {
    const other = await store.find(dependency);
    if (other?.state === "done") {
      return (await store.update(id, (task) => dependencyDone(task, dependency))) !== undefined;
    }
    const how =
      other === undefined
        ? "is gone"
        : other.state === "failed" || other.state === "cancelled"
          ? `is ${other.state}`
          : undefined;
    if (how === undefined) return false;
    const facts = { nowMs: nowMs(), how };
    const lost = await store.update(id, (task) => dependencyLost(task, dependency, facts));
    return lost !== undefined;
  }

  return {
    async watch(task) {
      for (const dependency of task.waitingFor ?? []) {
        waiting.set(dependency, (waiting.get(dependency) ?? new Set()).add(task.id));
        if (await look(task.id, dependency)) waiting.get(dependency)?.delete(task.id);
      }
    },
    async ended(id) {
      const ids = waiting.get(id);
      if (ids === undefined) return false;
      waiting.delete(id);
      for (const one of ids) await look(one, id);
      return true;
    },
  };
}
