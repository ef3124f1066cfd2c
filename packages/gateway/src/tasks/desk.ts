import { ok, type Result, refuse } from "@carapace/protocol";
import type { State, TaskFilter, TaskPage } from "@carapace/state";
import { idOfKey } from "../jobs/id-of-key.ts";
import type { Dependents } from "./dependents.ts";
import { cancelled, type OperatorWord, patched, resumed, retried, type TaskPatch } from "./operator.ts";
import { readPayload } from "./payload.ts";
import { defaultPolicy, policyWith, queue, readRecord, type TaskRecord } from "./record.ts";
import type { CreateTask } from "./requests.ts";
import { created } from "./rules.ts";
import { hasEnded } from "./steps.ts";
import { type TaskStore, usualCapacity } from "./store.ts";
import type { TaskWorker } from "./worker.ts";

export interface TaskDeskDeps {
  readonly tasks: State["tasks"];
  readonly store: TaskStore;
  readonly audit: Pick<State["audit"], "record">;
  readonly dependents: Dependents;
  readonly worker: Pick<TaskWorker, "wake" | "stop">;
  readonly nowMs: () => number;
  readonly newId: () => string;
  /** Instead of 10,000. */
  readonly capacity?: number;
}

type TaskRecordPage = Omit<TaskPage, "tasks"> & { readonly tasks: readonly TaskRecord[] };

type Word = Pick<OperatorWord, "reason" | "delayMs">;

/** What an operator can do with tasks (http.md §12.5). Whatever it answers is durable, and audited under `actor`. */
export interface TaskDesk {
  /** @param key An `Idempotency-Key`: the same again is the same task. */
  create(
    wish: CreateTask,
    by: { readonly actor: string; readonly key?: string | undefined },
  ): Promise<Result<TaskRecord>>;
  isFull(): Promise<boolean>;
  find(id: string): Promise<TaskRecord | undefined>;
  /** No more than fit into an answer. */
  page(filter: TaskFilter): Promise<TaskRecordPage>;
  patch(id: string, patch: TaskPatch, actor: string): Promise<Result<TaskRecord>>;
  cancel(id: string, word: Word, actor: string): Promise<Result<TaskRecord>>;
  retry(id: string, word: Word, actor: string): Promise<Result<TaskRecord>>;
  resume(id: string, word: Word, actor: string): Promise<Result<TaskRecord>>;
}

const queueFull = "the task queue is full: cancel tasks that are not needed any more";

export function createTaskDesk(deps: TaskDeskDeps): TaskDesk {
  const { tasks, store, dependents, worker, nowMs, capacity = usualCapacity } = deps;

  function told(task: TaskRecord, action: string, actor: string): Result<TaskRecord> {
    const data = { task_id: task.id, action, actor, resulting_state: task.state };
    deps.audit.record({ actor, event: "task_mutated", data });
    return ok(task);
  }

  /** Of its dependencies, those that are still on their way; the operator's word counts more than a failed one. */
  async function stillOpen(ids: readonly string[]): Promise<string[]> {
    const found = await Promise.all(ids.map((id) => store.find(id)));
    return found.flatMap((task) => (task === undefined || hasEnded(task) ? [] : [task.id]));
  }

  async function sendOn(
    id: string,
    how: { readonly action: "retry" | "resume"; readonly word: Word; readonly actor: string },
  ): Promise<Result<TaskRecord>> {
    const rule = how.action === "retry" ? retried : resumed;
    const waitingFor = await stillOpen((await store.find(id))?.dependsOn ?? []);
    const word = { ...how.word, nowMs: nowMs(), waitingFor };
    const sent = await store.tryUpdate(id, (task) => rule(task, word));
    if (!sent.ok) return sent;
    await dependents.watch(sent.value);
    worker.wake();
    return told(sent.value, how.action, how.actor);
  }

  return {
    async create(wish, { actor, key }) {
      const id = key === undefined ? deps.newId() : idOfKey("task", key);
      const known = key === undefined ? undefined : await store.find(id);
      if (known !== undefined) return madeBefore(known, nowMs());
      const checked = await check(wish, store);
      if (!checked.ok) return checked;
      const task = created({ id, ...wish, ...checked.value }, nowMs());
      const addition = await tasks.add(queue, task, capacity);
      if (addition.kind === "full") return refuse("unavailable", queueFull);
      if (addition.kind === "known") return madeBefore(readRecord(addition.task), nowMs());
      await dependents.watch(task);
      worker.wake();
      return told(task, "create", actor);
    },
    isFull: () => tasks.isFull(queue, capacity),
    find: (id) => store.find(id),
    page: (filter) => pageOf(tasks, filter),
    async patch(id, patch, actor) {
      const changed = await store.tryUpdate(id, (task) => patched(task, patch, nowMs()));
      return changed.ok ? told(changed.value, "patch", actor) : changed;
    },
    async cancel(id, { reason }, actor) {
      const gone = await store.tryUpdate(id, (task) => cancelled(task, { nowMs: nowMs(), reason }));
      if (!gone.ok) return gone;
      await worker.stop(gone.value);
      return told(gone.value, "cancel", actor);
    },
    retry: (id, word, actor) => sendOn(id, { action: "retry", word, actor }),
    resume: (id, word, actor) => sendOn(id, { action: "resume", word, actor }),
  };
}

/** Who comes with the key of another day means another task, and must not take the old one for it. */
const keyMeansSameMs = 86_400_000;

function madeBefore(task: TaskRecord, nowMs: number): Result<TaskRecord> {
  if (nowMs - task.createdAtMs <= keyMeansSameMs) return ok(task);
  const say = `this Idempotency-Key made the task ${task.id} more than a day ago: use a new key for a new task`;
  return refuse("conflict", say);
}

/** Clients, the reference's among them, read no more than 1 MiB of an answer. */
const maxPageBytes = 768 * 1024;
const maxPage = 1000;
const chunk = 50;

/** As many as are wanted and fit into an answer, and one at least. */
async function pageOf(tasks: State["tasks"], filter: TaskFilter): Promise<TaskRecordPage> {
  const limit = Math.min(filter.limit ?? maxPage, maxPage);
  const found: TaskRecord[] = [];
  let { after } = filter;
  for (let bytes = 0; ; ) {
    const left = Math.min(chunk, limit - found.length);
    const page = await tasks.page(queue, { ...filter, limit: left, ...(after && { after }) });
    for (const task of page.tasks) {
      bytes += Buffer.byteLength(JSON.stringify(task));
      if (bytes > maxPageBytes && found.length > 0) return { total: page.total, tasks: found, hasMore: true };
      found.push(readRecord(task));
    }
    after = page.tasks.at(-1);
    if (!page.hasMore || found.length >= limit) return { ...page, tasks: found };
  }
}

async function check(
  { payload, policy, dependsOn = [] }: CreateTask,
  store: TaskStore,
): Promise<Result<{ readonly waitingFor: readonly string[]; readonly dependsOn: readonly string[] }>> {
  const read = readPayload(payload, policyWith(defaultPolicy, policy));
  if (!read.ok) return read;
  const ids = [...new Set(dependsOn)];
  const waitingFor: string[] = [];
  for (const id of ids) {
    const other = await store.find(id);
    if (other === undefined)
      return refuse("invalid_request", `dependsOn: there is no task ${JSON.stringify(id)}`);
    if (other.state === "failed" || other.state === "cancelled")
      return refuse("invalid_request", `dependsOn: the task ${id} is ${other.state}`);
    if (other.state !== "done") waitingFor.push(id);
  }
  return ok({ waitingFor, dependsOn: ids });
}
