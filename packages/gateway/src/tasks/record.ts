import { Origin, once } from "@carapace/protocol";
import { Task } from "@carapace/state";
import { z } from "zod";
import { definedOnly } from "../defined-only.ts";

/** Why a task cannot go on by itself (agent.md §12). */
export const BlockedReason = z.enum([
  "approval_required",
  "config_missing",
  "delivery_failure",
  "external_dependency",
  "operator_action_required",
  "unknown",
]);
export type BlockedReason = z.infer<typeof BlockedReason>;

const limit = (max: number) => z.int().min(1).max(max);

/** What a task may use (agent.md §12); the last two are ours. */
export const policyFields = once(() => ({
  maxAttempts: limit(10_000),
  maxTotalRuntimeMs: limit(30 * 86_400_000),
  maxTurns: limit(1000),
  maxRunTimeoutSeconds: limit(86_400),
  /** Input and output tokens of all its runs together. */
  maxTokens: limit(Number.MAX_SAFE_INTEGER),
  /** US dollars, as usage records price its model calls. */
  maxCostUsd: z.number().positive().max(1_000_000),
}));

/** Some of them, as a caller gives them. */
export const policyWish = once(() => z.object(policyFields()).partial());
export type PolicyWish = z.infer<ReturnType<typeof policyWish>>;

export const defaultPolicy = {
  maxAttempts: 100,
  maxTotalRuntimeMs: 7 * 86_400_000,
  maxTurns: 25,
  maxRunTimeoutSeconds: 600,
} as const;

/** A policy with a wish on top of it. */
export function policyWith<P extends object>(policy: P, wish: PolicyWish | undefined) {
  return { ...policy, ...definedOnly(wish ?? {}) };
}

function storedPolicy() {
  const { maxAttempts, maxTotalRuntimeMs, maxTurns, maxRunTimeoutSeconds, ...own } = policyFields();
  const fields = z.looseObject({
    maxAttempts: maxAttempts.catch(defaultPolicy.maxAttempts),
    maxTotalRuntimeMs: maxTotalRuntimeMs.catch(defaultPolicy.maxTotalRuntimeMs),
    maxTurns: maxTurns.catch(defaultPolicy.maxTurns),
    maxRunTimeoutSeconds: maxRunTimeoutSeconds.catch(defaultPolicy.maxRunTimeoutSeconds),
    maxTokens: own.maxTokens.optional().catch(undefined),
    maxCostUsd: own.maxCostUsd.optional().catch(undefined),
  });
  return fields.catch(() => ({ ...defaultPolicy })).default(() => ({ ...defaultPolicy }));
}

/** What the assistant itself said of its task in a run; it counts once that run has completed. */
const decision = once(() =>
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("done"), summary: z.string() }),
    z.object({ kind: z.literal("continue"), atMs: z.number(), note: z.string().exactOptional() }),
    z.object({ kind: z.literal("blocked"), reason: BlockedReason, note: z.string() }),
  ]),
);
export type Decision = z.infer<ReturnType<typeof decision>>;

const ids = () => z.array(z.string());

/**
 * A task as the rules read it: the reference's fields, with its defaults where a file of it left something out, and
 * our own, which the reference ignores. Times are Unix ms.
 */
const taskRecord = once(() =>
  z.looseObject({
    ...Task.shape,
    policy: storedPolicy(),
    /** Whose words its payload is; without it: of a file that was imported. */
    origin: Origin.optional().catch(undefined),
    runIds: ids().catch([]).default([]),
    blockedReason: BlockedReason.optional().catch("unknown"),
    policyExplicit: z.boolean().optional().catch(undefined),
    /** Which process works on it, and until when that counts unless it is renewed. */
    lease: z.object({ owner: z.string(), untilMs: z.number() }).optional().catch(undefined),
    /** Tasks that must be done before this one begins. */
    dependsOn: ids().optional().catch(undefined),
    /** Those of them that are not done yet; absent when there are none. */
    waitingFor: ids().optional().catch(undefined),
    /** When it was to begin, if that was not at once: its age counts from then. */
    notBeforeMs: z.number().optional().catch(undefined),
    /** Failures since the last run that got somewhere. */
    failures: z.int().min(0).optional().catch(undefined),
    /** The run whose reply has not been delivered. */
    undelivered: z.string().optional().catch(undefined),
    /** What the operator said when the task was sent on its way again; told to the next run. */
    operatorNote: z.string().optional().catch(undefined),
    decision: decision().optional().catch(undefined),
    /** Where the work stands, in the assistant's words. */
    checkpoint: z
      .object({ text: z.string(), atMs: z.number(), origin: z.unknown() })
      .optional()
      .catch(undefined),
    /** What came of it, in the assistant's words. */
    summary: z.string().optional().catch(undefined),
    /** What its runs have used. */
    usage: z.object({ tokens: z.number(), costUsd: z.number() }).optional().catch(undefined),
  }),
);
export type TaskRecord = z.infer<ReturnType<typeof taskRecord>>;

/** The queue that tasks of agents are in. */
export const queue = "tasks" as const;

/** The id of the run of an attempt: the same attempt is the same run, whoever submits it. */
export function runIdOf(taskId: string, attempt: number): string {
  return `task:${taskId}:${attempt}`;
}

/** Since when a task's whole runtime counts (policy.maxTotalRuntimeMs). */
export function startOf({
  createdAtMs,
  notBeforeMs = createdAtMs,
}: Pick<TaskRecord, "createdAtMs" | "notBeforeMs">): number {
  return Math.max(createdAtMs, notBeforeMs);
}

/** The task that a run belongs to, by the run's id; undefined if it is none's. */
export function taskIdOfRun(runId: string): string | undefined {
  return /^task:(.+):\d+$/s.exec(runId)?.[1];
}

export function readRecord(task: Task): TaskRecord {
  return taskRecord().parse(task);
}
