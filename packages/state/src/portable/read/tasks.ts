import { isRecord } from "@carapace/protocol";
import { parseJson } from "../../database/stored.ts";
import { Task, type TaskQueue, TaskState } from "../../tasks/types.ts";
import { maxBytes } from "../paths.ts";
import { parseAll } from "./parsed.ts";
import { corrupt, note, type SmallStore } from "./small.ts";

const maxTasks = 10_000;
const reasons = new Set([
  "approval_required",
  "config_missing",
  "delivery_failure",
  "external_dependency",
  "operator_action_required",
  "unknown",
]);

function store(queue: TaskQueue, path: string): SmallStore {
  return {
    path,
    store: "tasks",
    maxBytes: maxBytes.tasks,
    *read(text, context) {
      const list = parseJson(text);
      if (!Array.isArray(list)) return yield corrupt(context, "The file is not a list of tasks.");
      if (list.length > maxTasks) yield note(context, `It has more than ${maxTasks} tasks.`);
      const shape = { schema: Task, what: "a task", idOf: (task: Task) => task.id };
      const { records, problems } = parseAll(context, list.map(settled), shape);
      yield* problems;
      yield { kind: "tasks", file: context.file, queue, tasks: records };
    },
  };
}

/** The durable tasks of both queues (state.md §5, agent.md §12). */
export const taskStores: readonly SmallStore[] = [
  store("tasks", "tasks/queue.json"),
  store("read_receipts", "activity/read_receipts.json"),
  // In an archive, whose folders are fixed.
  store("read_receipts", "tasks/read_receipts.json"),
];

/** As the reference loads one: what ran is tried again, an unknown state has failed, an unknown reason is unknown. */
function settled(task: unknown): unknown {
  if (!isRecord(task)) return task;
  const { state, blockedReason, lastError } = task;
  const reason =
    typeof blockedReason === "string" && !reasons.has(blockedReason) ? { blockedReason: "unknown" } : {};
  if (state !== "running") {
    return { ...task, ...reason, state: TaskState.safeParse(state).success ? state : "failed" };
  }
  const hasError = typeof lastError === "string" && lastError !== "";
  return {
    ...task,
    ...reason,
    state: "retry_wait",
    nextRunAtMs: null,
    lastError: hasError ? lastError : "recovered after restart",
  };
}
