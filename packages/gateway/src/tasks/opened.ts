import { createDependents } from "./dependents.ts";
import { createTaskDesk, type TaskDesk } from "./desk.ts";
import { configured } from "./operator.ts";
import { taskIdOfRun } from "./record.ts";
import { createTaskStore, type TaskStore } from "./store.ts";
import type { TasksDeps } from "./tasks.ts";
import { createTaskWorker } from "./worker.ts";

/** The part of the tasks that is only loaded when there are some. */
export interface OpenedTasks extends AsyncDisposable {
  readonly desk: TaskDesk;
}

const mostParallel = 4;

export async function openAll(deps: TasksDeps): Promise<OpenedTasks> {
  const { state, runs, world, log } = deps;
  const store = createTaskStore(state.tasks);
  const dependents = createDependents({ store, nowMs: world.nowMs });
  const worker = createTaskWorker({
    ...{ runs, store, dependents, log },
    ...{ ingress: deps.ingress, systemEvents: deps.systemEvents, uncounted: deps.uncounted },
    tasks: state.tasks,
    journal: state.runs,
    sessions: state.sessions,
    usage: state.usage,
    outbox: { findByKey: state.outbox.findByKey, follow: deps.outbox.follow },
    nowMs: world.nowMs,
    random: Math.random,
    owner: world.newId(),
    // The instance lock lets no other gateway onto this state.
    isAlone: true,
    maxParallel: () => parallelOf(deps.maxConcurrent()),
  });
  await stopStrayRuns(store, deps);
  for (const state of ["queued", "retry_wait"] as const)
    for (const task of await store.list(state))
      if (task.waitingFor !== undefined) await dependents.watch(task);
  const tryAgain = async (): Promise<void> => {
    for (const { id } of await store.list("blocked"))
      await store.update(id, (task) => configured(task, world.nowMs()));
    worker.wake();
  };
  // What was missing may stand in the environment that this process was started with.
  await tryAgain();
  deps.onConfigChange(() => {
    void tryAgain().catch((error: unknown) => log.error("blocked tasks could not be tried again", { error }));
  });
  const desk = createTaskDesk({
    tasks: state.tasks,
    store,
    audit: state.audit,
    dependents,
    worker,
    ...world,
  });
  return { desk, [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose]() };
}

/** Tasks leave one place free, so that a person who writes meanwhile need not wait for them. */
function parallelOf(maxConcurrent: number): number {
  return Math.max(1, Math.min(mostParallel, maxConcurrent - 1));
}

/** A crash may have come between the cancelling of a task and the end of its run. */
async function stopStrayRuns(
  store: TaskStore,
  { runs, state }: Pick<TasksDeps, "runs" | "state">,
): Promise<void> {
  const strays: string[] = [];
  for (const status of ["running", "queued"] as const) {
    for await (const { id } of state.runs.unfinishedOf(status)) {
      const taskId = taskIdOfRun(id);
      const task = taskId === undefined ? undefined : await store.find(taskId);
      if (task !== undefined && (task.state !== "running" || task.runIds.at(-1) !== id)) strays.push(id);
    }
  }
  for (const id of strays) await runs.abort(id);
}
