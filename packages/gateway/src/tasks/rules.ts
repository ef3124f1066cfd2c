import { spent } from "./budget.ts";
import { readPayload } from "./payload.ts";
import { defaultPolicy, type PolicyWish, policyWith, runIdOf, type TaskRecord } from "./record.ts";
import { blocked, ended, gaveUp, hasEnded } from "./steps.ts";

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

/** Only an operator makes tasks, or changes what one shall do. */
export const owner = { kind: "owner" } as const;

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
    origin: owner,
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
