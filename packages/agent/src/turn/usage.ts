import type { TokenUsage } from "@carapace/protocol";
import type { UsageEntry } from "@carapace/state";
import type { Turn, TurnDeps } from "../types.ts";

export const noUsage: TokenUsage = { inputTokens: 0, outputTokens: 0 };

export function addUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  const sum = (key: "cacheReadTokens" | "cacheWriteTokens" | "reasoningTokens") =>
    a[key] === undefined && b[key] === undefined ? {} : { [key]: (a[key] ?? 0) + (b[key] ?? 0) };
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    ...sum("cacheReadTokens"),
    ...sum("cacheWriteTokens"),
    ...sum("reasoningTokens"),
  };
}

/** The usage record of one model call. Costs are 0 until there is a price table. */
export function usageEntry(
  turn: Pick<Turn, "agent" | "sessionKey">,
  deps: Pick<TurnDeps, "provider" | "clock">,
  usage: TokenUsage,
): UsageEntry {
  return {
    provider: deps.provider.id,
    model: turn.agent.model,
    sessionKey: turn.sessionKey,
    agentId: turn.agent.agentId,
    usage,
    costUsd: 0,
    atMs: deps.clock.nowMs(),
  };
}
