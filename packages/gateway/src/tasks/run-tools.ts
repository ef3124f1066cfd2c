import type { Tool } from "@carapace/agent";
import type { State } from "@carapace/state";
import { taskIdOfRun } from "./record.ts";
import { createTaskStore } from "./store.ts";
import { taskUpdate } from "./task-update.ts";

/** The tools that only the run of a task has. Who chooses a run's id must not get them by its form alone. */
export async function taskRunTools(runId: string, tasks: State["tasks"]): Promise<readonly Tool[]> {
  const taskId = taskIdOfRun(runId);
  if (taskId === undefined) return [];
  const store = createTaskStore(tasks);
  const task = await store.find(taskId);
  const isItsRun = task?.state === "running" && task.runIds.at(-1) === runId;
  return isItsRun ? [taskUpdate(taskId, { store })] : [];
}
