import { startOf, type TaskRecord } from "./record.ts";

/** What a task has used up, in a sentence; undefined while it may go on. */
export function usedUp({ policy, usage }: Pick<TaskRecord, "policy" | "usage">): string | undefined {
  const { maxTokens, maxCostUsd } = policy;
  if (usage === undefined) return undefined;
  if (maxTokens !== undefined && usage.tokens >= maxTokens)
    return `its runs have used ${usage.tokens} tokens of the ${maxTokens} it may use (policy.maxTokens)`;
  if (maxCostUsd !== undefined && usage.costUsd >= maxCostUsd)
    return `its runs have cost ${usage.costUsd.toFixed(4)} USD of the ${maxCostUsd} it may cost (policy.maxCostUsd)`;
  return undefined;
}

/** What keeps a task from another attempt for good, in a sentence; undefined if nothing does. */
export function spent(task: TaskRecord, nowMs: number): string | undefined {
  const { maxAttempts, maxTotalRuntimeMs } = task.policy;
  if (task.attempts >= maxAttempts)
    return `it had the ${maxAttempts} attempts it may have (policy.maxAttempts)`;
  if (nowMs - startOf(task) > maxTotalRuntimeMs)
    return `it has taken longer than the ${maxTotalRuntimeMs} ms it may take (policy.maxTotalRuntimeMs)`;
  return usedUp(task);
}

/** The longer of two accounts of the same: records may have been reset, a run's own sum misses what a crash cut off. */
export function moreOf(one: TaskRecord["usage"], other: TaskRecord["usage"]): TaskRecord["usage"] {
  if (one === undefined || other === undefined) return one ?? other;
  return { tokens: Math.max(one.tokens, other.tokens), costUsd: Math.max(one.costUsd, other.costUsd) };
}
