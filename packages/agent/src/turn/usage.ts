import type { TokenUsage } from "@carapace/protocol";
import type { UsageEntry } from "@carapace/state";
import { modelString } from "../agents/model-string.ts";
import type { Turn, TurnDeps, UsageDesk } from "../types.ts";

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

type Billed = Pick<Turn, "agent" | "sessionKey">;
type BillDeps = Pick<TurnDeps, "provider" | "clock">;

/** The priced record of one model call; undefined if usage is not recorded. */
export function billUsage(
  { agent, sessionKey }: Billed,
  deps: BillDeps & Pick<UsageDesk, "bill">,
  usage: TokenUsage,
): UsageEntry | undefined {
  return deps.bill({
    provider: deps.provider.id,
    model: modelString(agent.model),
    sessionKey,
    agentId: agent.agentId,
    usage,
    costUsd: 0,
    atMs: deps.clock.nowMs(),
  });
}

/** Stores what a model call cost whose answer does not join the history. */
export async function recordUsage(
  turn: Billed,
  deps: BillDeps & UsageDesk,
  usage: TokenUsage,
): Promise<void> {
  const entry = billUsage(turn, deps, usage);
  if (entry !== undefined) await deps.recordUsage(entry);
}
