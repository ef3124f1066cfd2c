import { ok, type Result, refuse } from "@carapace/protocol";
import type { State } from "@carapace/state";
import { queue, readRecord, type TaskRecord } from "./record.ts";

/** How many tasks there may be; at that, the ended one changed longest ago makes room (agent.md §12). */
export const usualCapacity = 10_000;

/** The tasks' table, with the rules' view of a record. */
export interface TaskStore {
  find(id: string): Promise<TaskRecord | undefined>;
  list(state: TaskRecord["state"]): Promise<readonly TaskRecord[]>;
  claim(nowMs: number, change: (task: TaskRecord) => TaskRecord): Promise<TaskRecord | undefined>;
  /** Changes one in a transaction; undefined from `change` leaves it. @returns it as it became, undefined if unchanged. */
  update(id: string, change: (task: TaskRecord) => TaskRecord | undefined): Promise<TaskRecord | undefined>;
  /** The same for a rule that may refuse. */
  tryUpdate(id: string, change: (task: TaskRecord) => Result<TaskRecord>): Promise<Result<TaskRecord>>;
}

export function createTaskStore(tasks: State["tasks"]): TaskStore {
  return {
    async find(id) {
      const task = await tasks.find(queue, id);
      return task === undefined ? undefined : readRecord(task);
    },
    list: async (state) => (await tasks.list(queue, state)).map(readRecord),
    async claim(nowMs, change) {
      const task = await tasks.claim(queue, nowMs, (due) => change(readRecord(due)));
      return task === undefined ? undefined : readRecord(task);
    },
    async update(id, change) {
      const updated = await tasks.update(queue, id, (task) => change(readRecord(task)));
      return updated?.isChanged === true ? readRecord(updated.task) : undefined;
    },
    async tryUpdate(id, change) {
      let result: Result<TaskRecord> = refuse(
        "not_found",
        `there is no task ${JSON.stringify(id.slice(0, 255))}`,
      );
      await tasks.update(queue, id, (task) => {
        result = change(readRecord(task));
        return result.ok ? result.value : undefined;
      });
      return answered(result);
    },
  };
}

// The assignment inside the callback is invisible to the type checker.
function answered(result: Result<TaskRecord>): Result<TaskRecord> {
  return result.ok ? ok(result.value) : result;
}
