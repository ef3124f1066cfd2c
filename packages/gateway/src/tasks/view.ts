import { once } from "@carapace/protocol";
import { z } from "zod";
import { definedOnly } from "../defined-only.ts";
import { explain } from "./explain.ts";
import { BlockedReason, policyFields, type TaskRecord } from "./record.ts";

/** A task as the control API shows it (http.md §12.5); what stands behind `policyExplicit` is ours. */
export const taskView = once(() => {
  const { maxTokens, maxCostUsd, ...policy } = policyFields();
  return z.object({
    id: z.string(),
    state: z.enum(["queued", "running", "blocked", "retry_wait", "done", "failed", "cancelled"]),
    attempts: z.int(),
    nextRunAtMs: z.number().nullable(),
    lastError: z.string().nullable(),
    payload: z.unknown(),
    createdAtMs: z.number(),
    updatedAtMs: z.number(),
    runIds: z.array(z.string()).optional(),
    policy: z.object({ ...policy, maxTokens: maxTokens.optional(), maxCostUsd: maxCostUsd.optional() }),
    blockedReason: BlockedReason.optional(),
    policyExplicit: z.literal(true).optional(),
    /** How it stands, in a sentence. */
    status: z.string(),
    dependsOn: z.array(z.string()).optional(),
    waitingFor: z.array(z.string()).optional(),
    checkpoint: z.object({ text: z.string(), atMs: z.number() }).optional(),
    summary: z.string().optional(),
    usage: z.object({ tokens: z.number(), costUsd: z.number() }).optional(),
  });
});
export type TaskView = z.infer<ReturnType<typeof taskView>>;

export function viewOf(task: TaskRecord): TaskView {
  const { id, state, attempts, payload, createdAtMs, updatedAtMs, runIds, policy, checkpoint } = task;
  return {
    ...{ id, state, attempts, payload, createdAtMs, updatedAtMs },
    nextRunAtMs: task.nextRunAtMs ?? null,
    lastError: task.lastError ?? null,
    policy: definedOnly(policy),
    status: explain(task),
    ...(runIds.length === 0 ? {} : { runIds }),
    ...(task.policyExplicit === true ? { policyExplicit: true } : {}),
    ...definedOnly({
      blockedReason: task.blockedReason,
      dependsOn: task.dependsOn,
      waitingFor: task.waitingFor,
      checkpoint: checkpoint && { text: checkpoint.text, atMs: checkpoint.atMs },
      summary: task.summary,
      usage: task.usage,
    }),
  };
}
