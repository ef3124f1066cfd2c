import { once } from "@carapace/protocol";
import { z } from "zod";
import { integer, text, textColumns } from "../database/row.ts";
import { Documents } from "../integrity/documents.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { Task, type TaskAddition, type TaskFilter, TaskQueue, type TaskRepository } from "./types.ts";

const queuedTask = once(() => z.object({ queue: TaskQueue, task: Task }));

/** Tasks of all queues: ids of two queues may be the same. */
export class TaskDocuments {
  readonly documents: Documents<z.infer<ReturnType<typeof queuedTask>>>;

  constructor(deps: SealedDeps) {
    this.documents = new Documents(deps, { table: "tasks", name: "task", schema: queuedTask, pages: 64 });
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
    tasks.documents.select({ where, values }).map(({ task }) => task);
  const count = (where: string, values: readonly (string | number)[]) =>
    integer(connection.get(`SELECT COUNT(*) AS n FROM tasks t WHERE ${where}`, values) ?? {}, "n");
  const overflow = (queue: TaskQueue, capacity: number) => {
    const over = count("queue = ?", [queue]) + 1 - capacity;
    return { over, ended: over <= 0 ? [] : endedRows(deps, queue, over) };
  };
  return {
    find: async (queue, id) => connection.read(() => tasks.find(queue, id)),
    list: async (queue, state) =>
      connection.read(() =>
        state === undefined
          ? tasks.list(queue)
          : select("queue = ? AND state = ? ORDER BY t.id", [queue, state]),
      ),
    page: async (queue, filter) =>
      connection.read(() => {
        const { where, values, order, orderValues } = pageQuery(queue, filter);
        const found = select(`${where}${order}`, [...values, ...orderValues]);
        const hasMore = filter.limit !== undefined && found.length > filter.limit;
        return {
          total: count(where, values),
          tasks: hasMore ? found.slice(0, filter.limit) : found,
          hasMore,
        };
      }),
    due: async (queue, nowMs, limit) => connection.read(() => select(dueClause, [queue, nowMs, limit])),
    nextDueAtMs: async (queue) =>
      connection.read(() => {
        const row = connection.get(nextDueSql, [queue]);
        return row === undefined ? undefined : integer(row, "due_at");
      }),
    openCount: async (queue) =>
      connection.read(() => count(`queue = ? AND state NOT IN ${endedStates}`, [queue])),
    isFull: async (queue, capacity) =>
      connection.read(() => {
        const { over, ended } = overflow(queue, capacity);
        return ended.length < over;
      }),
    add: async (queue, task, capacity) =>
      connection.write((): TaskAddition => {
        const known = tasks.find(queue, task.id);
        if (known !== undefined) return { kind: "known", task: known };
        const { over, ended } = overflow(queue, capacity);
        if (ended.length < over) return { kind: "full" };
        for (const row of ended) tasks.documents.remove(row);
        tasks.save(queue, task);
        return { kind: "added", task };
      }),
    claim: async (queue, nowMs, change) =>
      connection.write(() => {
        const [due] = select(dueClause, [queue, nowMs, 1]);
        if (due === undefined) return undefined;
        const claimed = change(due);
        tasks.save(queue, claimed);
        return claimed;
      }),
    update: async (queue, id, change) =>
      connection.write(() => {
        const task = tasks.find(queue, id);
        if (task === undefined) return undefined;
        const changed = change(task);
        if (changed === undefined) return { task, isChanged: false };
        tasks.save(queue, changed);
        return { task: changed, isChanged: true };
      }),
    save: async (queue, task) => connection.write(() => tasks.save(queue, task)),
    remove: async (queue, id) => connection.write(() => tasks.remove(queue, id)),
  };
}

const waits = "state IN ('queued', 'retry_wait') AND json_type(t.body, '$.task.waitingFor') IS NULL";
const endedStates = "('done', 'failed', 'cancelled')";
const updatedAt = "json_extract(t.body, '$.task.updatedAtMs')";
// A queued task without a time is due at once; NULL comes first in the order.
const dueClause = `queue = ? AND ${waits} AND (next_run_at IS NULL OR next_run_at <= ?)
  ORDER BY next_run_at, t.id LIMIT ?`;
const nextDueSql = `SELECT CAST(COALESCE(next_run_at, 0) AS INTEGER) AS due_at FROM tasks t
  WHERE queue = ? AND ${waits} ORDER BY next_run_at LIMIT 1`;

function pageQuery(queue: TaskQueue, { state, limit, after }: TaskFilter) {
  const where = state === undefined ? "queue = ?" : "queue = ? AND state = ?";
  const values = state === undefined ? [queue] : [queue, state];
  const behind = ` AND (${updatedAt} < ? OR (${updatedAt} = ? AND t.id > ?))`;
  const order = ` ORDER BY ${updatedAt} DESC, t.id${limit === undefined ? "" : " LIMIT ?"}`;
  return {
    where,
    values,
    order: after === undefined ? order : `${behind}${order}`,
    orderValues: [
      ...(after === undefined ? [] : [after.updatedAtMs, after.updatedAtMs, rowId(queue, after.id)]),
      // One more than wanted tells whether there are more.
      ...(limit === undefined ? [] : [limit + 1]),
    ],
  };
}

/** The rows of ended tasks that make room, those changed longest ago first. */
function endedRows({ connection }: SealedDeps, queue: TaskQueue, limit: number): string[] {
  const sql = `SELECT ${textColumns("id")} FROM tasks t WHERE queue = ? AND state IN ${endedStates}
    ORDER BY ${updatedAt}, t.id LIMIT ?`;
  return connection.all(sql, [queue, limit]).map((row) => text(row, "id"));
}

function rowId(queue: TaskQueue, id: string): string {
  return `${queue}/${id}`;
}
