import { z } from "zod";

/** `tasks` of agents, or `read_receipts` of channels: the reference keeps two files of one form (state.md §5). */
export const TaskQueue = z.enum(["tasks", "read_receipts"]);
export type TaskQueue = z.infer<typeof TaskQueue>;

const taskStates = ["queued", "running", "blocked", "retry_wait", "done", "failed", "cancelled"] as const;
export const TaskState = z.enum(taskStates);
export type TaskState = z.infer<typeof TaskState>;

/** A durable task as its row keeps it: the reference's shape (state.md §5), fields of later versions kept. */
export const Task = z.looseObject({
  id: z.string().min(1).max(255),
  state: TaskState,
  attempts: z.int().min(0),
  nextRunAtMs: z.number().nullish(),
  lastError: z.string().nullish(),
  payload: z.unknown(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
});
export type Task = z.infer<typeof Task>;

/** Which tasks, and where the page begins. */
export interface TaskFilter {
  readonly state?: TaskState;
  /** All of them if absent. */
  readonly limit?: number;
  /** Only those behind this one in the order. */
  readonly after?: TaskPlace;
}

/** The place of a task in the order of `page`. */
export interface TaskPlace {
  readonly updatedAtMs: number;
  readonly id: string;
}

export interface TaskPage {
  /** Before `limit` and `after`. */
  readonly total: number;
  readonly tasks: readonly Task[];
  /** True if more stand behind the last one. */
  readonly hasMore: boolean;
}

/** `known`: one of this id is there already, and nothing was changed. `full`: there is no ended one to make room. */
export type TaskAddition =
  | { readonly kind: "added" | "known"; readonly task: Task }
  | { readonly kind: "full" };

/** A task as it became. Contract: pure; it runs inside the transaction. @returns undefined to leave it as it is */
export type TaskChange = (task: Task) => Task | undefined;

/** The durable tasks of a queue (state.md §5). The rules live in the gateway. A task with unmet `waitingFor` is not due. */
export interface TaskRepository {
  find(queue: TaskQueue, id: string): Promise<Task | undefined>;
  /** By id; of one state if named. */
  list(queue: TaskQueue, state?: TaskState): Promise<Task[]>;
  /** Newest `updatedAtMs` first. */
  page(queue: TaskQueue, filter: TaskFilter): Promise<TaskPage>;
  /** Waiting tasks whose time has come, the longest waiting first. */
  due(queue: TaskQueue, nowMs: number, limit: number): Promise<Task[]>;
  /** When the next waiting task is due: 0 for one that is due at once; undefined if none waits for its time. */
  nextDueAtMs(queue: TaskQueue): Promise<number | undefined>;
  /** How many have not ended, in whatever state. */
  openCount(queue: TaskQueue): Promise<number>;
  /** True while `add` would be refused. */
  isFull(queue: TaskQueue, capacity: number): Promise<boolean>;
  /** Adds one and, at capacity, forgets the ended ones changed longest ago, together; durable before it returns. */
  add(queue: TaskQueue, task: Task, capacity: number): Promise<TaskAddition>;
  /** Takes the longest waiting due task: found and changed in one transaction, so that nobody else takes it too. */
  claim(queue: TaskQueue, nowMs: number, change: (task: Task) => Task): Promise<Task | undefined>;
  /**
   * Reads and changes one in one transaction: what `change` checks still holds when it is written.
   * @returns the task as it is afterwards, and whether it was changed; undefined if there is none.
   */
  update(
    queue: TaskQueue,
    id: string,
    change: TaskChange,
  ): Promise<{ readonly task: Task; readonly isChanged: boolean } | undefined>;
  save(queue: TaskQueue, task: Task): Promise<void>;
  remove(queue: TaskQueue, id: string): Promise<boolean>;
}
