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

/** The durable tasks of a queue (state.md §5). The rules live in the gateway. */
export interface TaskRepository {
  find(queue: TaskQueue, id: string): Promise<Task | undefined>;
  /** By id; of one state if named. */
  list(queue: TaskQueue, state?: TaskState): Promise<Task[]>;
  /** Waiting tasks whose time has come, the longest waiting first. */
  due(queue: TaskQueue, nowMs: number, limit: number): Promise<Task[]>;
  save(queue: TaskQueue, task: Task): Promise<void>;
  remove(queue: TaskQueue, id: string): Promise<boolean>;
}
