import type { TokenUsage } from "@carapace/protocol";
import type { UsageEntry } from "@carapace/state";
import { modelString } from "../agents/model-string.ts";
import type { ModelSwitch, Turn, TurnDeps, UsageDesk } from "../types.ts";

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

/** What one model call cost, and who answered it in place of the agent's own model. */
export interface Cost {
  readonly usage: TokenUsage;
  readonly by?: ModelSwitch | undefined;
}

/** The priced record of one model call; undefined if usage is not recorded. */
export function billUsage(
  { agent, sessionKey }: Billed,
  deps: BillDeps & Pick<UsageDesk, "bill">,
  { usage, by }: Cost,
): UsageEntry | undefined {
  return deps.bill({
    provider: by?.provider ?? deps.provider.id,
    model: modelString(by?.model ?? agent.model),
    sessionKey,
    agentId: agent.agentId,
    usage,
    costUsd: 0,
    atMs: deps.clock.nowMs(),
  });
}

/** Stores what a model call cost whose answer does not join the history. */
export async function recordUsage(turn: Billed, deps: BillDeps & UsageDesk, cost: Cost): Promise<void> {
  const entry = billUsage(turn, deps, cost);
  if (entry !== undefined) await deps.recordUsage(entry);
}
