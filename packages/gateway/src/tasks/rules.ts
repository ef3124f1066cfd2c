import { ok, type Result, refuse, unreachable } from "@carapace/protocol";
import { backOffMs } from "./back-off.ts";
import { moreOf, spent } from "./budget.ts";
import { readPayload } from "./payload.ts";
import {
  type BlockedReason,
  type Decision,
  defaultPolicy,
  type PolicyWish,
  policyWith,
  runIdOf,
  type TaskRecord,
} from "./record.ts";

/** What a new task is made of; all of it was checked. */
export interface NewTask {
  readonly id: string;
  readonly payload: unknown;
  readonly nextRunAtMs?: number | undefined;
  readonly policy?: PolicyWish | undefined;
  readonly dependsOn?: readonly string[] | undefined;
  /** Those that are not done yet. */
  readonly waitingFor?: readonly string[] | undefined;
}

/** How one attempt at a task ended. */
export type AttemptEnd =
  /** Its run came to its end, or its event was told. */
  | { readonly kind: "completed" }
  /** It may work another time. `isProgress`: it got somewhere, so that this is no failure. */
  | { readonly kind: "again"; readonly say: string; readonly isProgress?: boolean }
  /** It never began: the attempt does not count. */
  | { readonly kind: "returned"; readonly afterMs: number; readonly say: string }
  /** It will not work as it is. */
  | { readonly kind: "failed"; readonly say: string }
  | { readonly kind: "blocked"; readonly reason: BlockedReason; readonly say: string }
  | { readonly kind: "undelivered"; readonly say: string }
  | { readonly kind: "cancelled"; readonly say: string };

export interface Settling {
  readonly runId: string;
  readonly end: AttemptEnd;
  readonly nowMs: number;
  /** 0 ≤ x < 1 */
  readonly random: number;
  /** What all its runs have used, as far as that is known. */
  readonly usage?: TaskRecord["usage"];
}

/** What an operator may say when they send a task on its way again. */
export interface OperatorWord {
  readonly nowMs: number;
  readonly reason?: string | undefined;
  readonly delayMs?: number | undefined;
  /** Dependencies that are still on their way. */
  readonly waitingFor?: readonly string[] | undefined;
}

const terminal = new Set<TaskRecord["state"]>(["done", "failed", "cancelled"]);

/** True in a state that ends by itself no more. */
export function hasEnded({ state }: Pick<TaskRecord, "state">): boolean {
  return terminal.has(state);
}

/** - → queued. */
export function created(task: NewTask, nowMs: number): TaskRecord {
  const { id, payload, nextRunAtMs, policy, dependsOn, waitingFor } = task;
  return {
    id,
    state: "queued",
    attempts: 0,
    nextRunAtMs: nextRunAtMs ?? null,
    lastError: null,
    payload,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    runIds: [],
    policy: policyWith(defaultPolicy, policy),
    policyExplicit: true,
    ...(nextRunAtMs !== undefined && nextRunAtMs > nowMs ? { notBeforeMs: nextRunAtMs } : {}),
    ...(dependsOn === undefined || dependsOn.length === 0 ? {} : { dependsOn: [...dependsOn] }),
    ...(waitingFor === undefined || waitingFor.length === 0 ? {} : { waitingFor: [...waitingFor] }),
  };
}

/** queued or retry_wait, due → running; → failed where a budget is used up or its payload will never do. */
export function claimed(task: TaskRecord, nowMs: number, lease: TaskRecord["lease"]): TaskRecord {
  const why = spent(task, nowMs);
  if (why !== undefined) return ended(task, "failed", { nowMs, say: gaveUp(why) });
  const payload = readPayload(task.payload, task.policy);
  if (!payload.ok) return ended(task, "failed", { nowMs, say: payload.say });
  const attempts = task.attempts + 1;
  return {
    ...task,
    state: "running",
    attempts,
    nextRunAtMs: null,
    updatedAtMs: nowMs,
    runIds: [...task.runIds, runIdOf(task.id, attempts)].slice(-maxRunIds),
    blockedReason: undefined,
    decision: undefined,
    lease,
  };
}

/** More would make a long-lived task's record grow without end. */
const maxRunIds = 100;

/** running → wherever the attempt's end leads; undefined if the task has changed meanwhile: then it does not count. */
export function settled(task: TaskRecord, settling: Settling): TaskRecord | undefined {
  if (task.state !== "running" || task.runIds.at(-1) !== settling.runId) return undefined;
  const known = { ...task, usage: moreOf(task.usage, settling.usage), operatorNote: undefined };
  const { end, nowMs } = settling;
  switch (end.kind) {
    case "completed":
      return concluded(known, settling);
    case "again":
      // What it decided in its last turns counts more than that there were no more of them.
      if (end.isProgress === true && task.decision !== undefined) return concluded(known, settling);
      return again(known, { ...settling, ...end });
    case "returned":
      return returned(task, end, nowMs);
    case "failed":
    case "cancelled":
      return ended(known, end.kind, { nowMs, say: end.say });
    case "blocked":
      return blocked(known, end.reason, { nowMs, say: end.say });
    case "undelivered":
      return { ...blocked(known, "delivery_failure", { nowMs, say: end.say }), undelivered: settling.runId };
    default:
      return unreachable(end);
  }
}

/** What the assistant said of its task decides; where it said nothing, a completed run is a done task. */
function concluded(task: TaskRecord, { nowMs }: Settling): TaskRecord {
  const decision: Decision = task.decision ?? { kind: "done", summary: "" };
  switch (decision.kind) {
    case "done": {
      const summary = decision.summary === "" ? task.summary : decision.summary;
      return { ...ended(task, "done", { nowMs, say: null }), summary, failures: undefined };
    }
    case "continue": {
      const waiting = { ...task, failures: undefined, lastError: decision.note ?? null };
      return onceMore(waiting, { nowMs, atMs: Math.max(nowMs, decision.atMs), say: waiting.lastError });
    }
    case "blocked":
      return blocked(task, decision.reason, { nowMs, say: decision.note });
    default:
      return unreachable(decision);
  }
}

interface Again {
  readonly nowMs: number;
  readonly random: number;
  readonly say: string;
  readonly isProgress?: boolean;
}

function again(task: TaskRecord, { nowMs, random, say, isProgress }: Again): TaskRecord {
  const failures = isProgress === true ? 1 : (task.failures ?? 0) + 1;
  return onceMore({ ...task, failures }, { nowMs, atMs: nowMs + backOffMs(failures, random), say });
}

/** running → retry_wait, or → failed where there is no further attempt. */
function onceMore(
  task: TaskRecord,
  {
    nowMs,
    atMs,
    say,
  }: { readonly nowMs: number; readonly atMs: number; readonly say: string | null | undefined },
): TaskRecord {
  const why = spent(task, nowMs);
  if (why === undefined) return waiting(task, { nowMs, atMs, say: say ?? null });
  return ended(task, "failed", { nowMs, say: gaveUp(why, say) });
}

function returned(
  task: TaskRecord,
  { afterMs, say }: { afterMs: number; say: string },
  nowMs: number,
): TaskRecord {
  const before = { ...task, attempts: task.attempts - 1, runIds: task.runIds.slice(0, -1) };
  return waiting(before, { nowMs, atMs: nowMs + afterMs, say });
}

/** What the assistant says of its task while its run goes on; undefined if that run is not (any more) the task's. */
export function decided(
  task: TaskRecord,
  runId: string,
  said: Pick<TaskRecord, "decision" | "checkpoint">,
): TaskRecord | undefined {
  if (task.state !== "running" || task.runIds.at(-1) !== runId) return undefined;
  return { ...task, ...said };
}

/** running → running: whoever holds it goes on holding it, or takes it over from one who let go of it. */
export function leased(
  task: TaskRecord,
  lease: NonNullable<TaskRecord["lease"]>,
  nowMs: number,
): TaskRecord | undefined {
  if (task.state !== "running") return undefined;
  const held = task.lease;
  const isFree = held === undefined || held.owner === lease.owner || held.untilMs <= nowMs;
  return isFree ? { ...task, lease } : undefined;
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
  return ok({ ...task, payload, policy, ...explicit, ...said, updatedAtMs: nowMs });
}

/** A task it waited for is done. */
export function dependencyDone(task: TaskRecord, id: string): TaskRecord | undefined {
  if (task.waitingFor?.includes(id) !== true) return undefined;
  const left = task.waitingFor.filter((one) => one !== id);
  return { ...task, waitingFor: left.length === 0 ? undefined : left };
}

/** queued or retry_wait → blocked: a task it waited for came to nothing. */
export function dependencyLost(
  task: TaskRecord,
  id: string,
  facts: { nowMs: number; how: string },
): TaskRecord | undefined {
  if (task.waitingFor?.includes(id) !== true || hasEnded(task)) return undefined;
  const say = `the task ${id}, which this one waits for, ${facts.how}`;
  return { ...blocked(task, "external_dependency", { nowMs: facts.nowMs, say }), waitingFor: undefined };
}

interface Facts {
  readonly nowMs: number;
  readonly say: string | null;
}

function ended(task: TaskRecord, state: "done" | "failed" | "cancelled", { nowMs, say }: Facts): TaskRecord {
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

function blocked(task: TaskRecord, blockedReason: BlockedReason, { nowMs, say }: Facts): TaskRecord {
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

function waiting(task: TaskRecord, { nowMs, say, atMs }: Facts & { readonly atMs: number }): TaskRecord {
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

function gaveUp(why: string, last?: string | null): string {
  return last === undefined || last === null
    ? `given up: ${why}`
    : `given up: ${why}; the last attempt: ${last}`;
}

function wrongState({ id, state }: TaskRecord, what: string): Result<TaskRecord> {
  return refuse("conflict", `the task ${id} is ${state} and cannot be ${what}`);
}
