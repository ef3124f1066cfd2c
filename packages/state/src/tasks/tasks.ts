import { z } from "zod";
import { Documents } from "../integrity/documents.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { Task, TaskQueue, type TaskRepository } from "./types.ts";

const QueuedTask = z.object({ queue: TaskQueue, task: Task });

/** Tasks of all queues: ids of two queues may be the same. */
export class TaskDocuments {
  readonly documents: Documents<z.infer<typeof QueuedTask>>;

  constructor(deps: SealedDeps) {
    this.documents = new Documents(deps, { table: "tasks", name: "task", schema: QueuedTask, pages: 64 });
  }

  find(queue: TaskQueue, id: string): Task | undefined {
    return this.documents.find(rowId(queue, id))?.task;
  }

  list(queue: TaskQueue): Task[] {
    const all = this.documents.list().filter((one) => one.queue === queue);
    return all.map(({ task }) => task);
  }

  save(queue: TaskQueue, task: Task): void {
    this.documents.save(rowId(queue, task.id), { queue, task });
  }

  remove(queue: TaskQueue, id: string): boolean {
    return this.documents.remove(rowId(queue, id));
  }
}

/** The durable tasks; one whose record does not verify is never run (state.md §5). */
export function createTasks(deps: SealedDeps): TaskRepository {
  const { connection } = deps;
  const tasks = new TaskDocuments(deps);
  const select = (where: string, values: readonly (string | number)[]) =>
    connection.read(() => tasks.documents.select({ where, values }).map(({ task }) => task));
  return {
    find: async (queue, id) => connection.read(() => tasks.find(queue, id)),
    list: async (queue, state) =>
      state === undefined
        ? connection.read(() => tasks.list(queue))
        : select("queue = ? AND state = ? ORDER BY t.id", [queue, state]),
    due: async (queue, nowMs, limit) => select(dueClause, [queue, nowMs, limit]),
    save: async (queue, task) => connection.write(() => tasks.save(queue, task)),
    remove: async (queue, id) => connection.write(() => tasks.remove(queue, id)),
  };
}

// A queued task without a time is due at once; NULL comes first in the order.
const dueClause = `queue = ? AND state IN ('queued', 'retry_wait') AND (next_run_at IS NULL OR next_run_at <= ?)
  ORDER BY next_run_at, t.id LIMIT ?`;

function rowId(queue: TaskQueue, id: string): string {
  return `${queue}/${id}`;
}
