import type { BlockedReason, TaskRecord } from "./record.ts";

const terminal = new Set<TaskRecord["state"]>(["done", "failed", "cancelled"]);

/** True in a state that ends by itself no more. */
export function hasEnded({ state }: Pick<TaskRecord, "state">): boolean {
  return terminal.has(state);
}

/** When a task changed its state, and why. */
interface Facts {
  readonly nowMs: number;
  readonly say: string | null;
}

/** not ended → ended. Pure, as all steps are. */
export function ended(
  task: TaskRecord,
  state: "done" | "failed" | "cancelled",
  { nowMs, say }: Facts,
): TaskRecord {
  return {
    ...task,
    ...left,
    state,
    nextRunAtMs: null,
    lastError: say,
    updatedAtMs: nowMs,
    waitingFor: undefined,
  };
}

/** → blocked. */
export function blocked(task: TaskRecord, blockedReason: BlockedReason, { nowMs, say }: Facts): TaskRecord {
  return {
    ...task,
    ...left,
    state: "blocked",
    nextRunAtMs: null,
    lastError: say,
    updatedAtMs: nowMs,
    blockedReason,
  };
}

/** → retry_wait. */
export function waiting(
  task: TaskRecord,
  { nowMs, say, atMs }: Facts & { readonly atMs: number },
): TaskRecord {
  return {
    ...task,
    ...left,
    state: "retry_wait",
    nextRunAtMs: Math.round(atMs),
    lastError: say,
    updatedAtMs: nowMs,
  };
}

/** What goes when a task leaves the state it was in. */
const left = {
  lease: undefined,
  decision: undefined,
  blockedReason: undefined,
  undelivered: undefined,
} as const;

/** Why a task is not tried any more, for a person. */
export function gaveUp(why: string, last?: string | null): string {
  return last === undefined || last === null
    ? `given up: ${why}`
    : `given up: ${why}; the last attempt: ${last}`;
}
