import { ok, type Result, refuse } from "@carapace/protocol";
import { readPayload } from "./payload.ts";
import { type PolicyWish, policyWith, type TaskRecord } from "./record.ts";
import { owner } from "./rules.ts";
import { ended, hasEnded, waiting } from "./steps.ts";

/** What an operator may say when they send a task on its way again. */
export interface OperatorWord {
  readonly nowMs: number;
  readonly reason?: string | undefined;
  readonly delayMs?: number | undefined;
  /** Dependencies that are still on their way. */
  readonly waitingFor?: readonly string[] | undefined;
}

/** not ended → cancelled. */
export function cancelled(task: TaskRecord, { nowMs, reason }: OperatorWord): Result<TaskRecord> {
  if (hasEnded(task)) return wrongState(task, "cancelled");
  return ok(ended(task, "cancelled", { nowMs, say: reason ?? task.lastError ?? null }));
}

/** retry_wait, failed, blocked, cancelled → retry_wait. */
export function retried(task: TaskRecord, word: OperatorWord): Result<TaskRecord> {
  const { state } = task;
  if (state === "queued" || state === "running" || state === "done") return wrongState(task, "retried");
  return ok(sentOn(task, word, "retried by operator"));
}

/** blocked → retry_wait. */
export function resumed(task: TaskRecord, word: OperatorWord): Result<TaskRecord> {
  if (task.state !== "blocked") return wrongState(task, "resumed");
  return ok(sentOn(task, word, "resumed by operator"));
}

/** blocked because something is not configured → retry_wait: it may be by now. */
export function configured(task: TaskRecord, nowMs: number): TaskRecord | undefined {
  if (task.state !== "blocked" || task.blockedReason !== "config_missing") return undefined;
  return sentOn(task, { nowMs, waitingFor: task.waitingFor }, "the configuration may have changed");
}

function sentOn(
  task: TaskRecord,
  { nowMs, reason, delayMs = 0, waitingFor }: OperatorWord,
  usual: string,
): TaskRecord {
  const sent = waiting(task, { nowMs, atMs: nowMs + delayMs, say: reason ?? usual });
  const open = waitingFor === undefined || waitingFor.length === 0 ? undefined : [...waitingFor];
  // Its reply may have gone out meanwhile: then there is nothing left to do.
  const { undelivered } = task;
  return { ...sent, failures: undefined, waitingFor: open, operatorNote: reason, undelivered };
}

export interface TaskPatch {
  readonly payload?: unknown;
  readonly policy?: PolicyWish | undefined;
  readonly reason?: string | undefined;
}

/** Changes what a task shall do or may use, except while it runs and when it is done. */
export function patched(task: TaskRecord, patch: TaskPatch, nowMs: number): Result<TaskRecord> {
  if (task.state === "running" || task.state === "done") return wrongState(task, "changed");
  const policy = policyWith(task.policy, patch.policy);
  const payload = patch.payload ?? task.payload;
  const read = readPayload(payload, policy);
  if (!read.ok) return read;
  const explicit = patch.policy === undefined ? {} : { policyExplicit: true };
  const said = patch.reason === undefined ? {} : { lastError: patch.reason };
  // Who writes its text anew answers for it.
  const written = patch.payload === undefined ? {} : { origin: owner };
  return ok({ ...task, payload, policy, ...written, ...explicit, ...said, updatedAtMs: nowMs });
}

function wrongState({ id, state }: TaskRecord, what: string): Result<TaskRecord> {
  return refuse("conflict", `the task ${id} is ${state} and cannot be ${what}`);
}
