import type { Origin, TokenUsage, ToolUseBlock } from "@carapace/protocol";
import type { Run, Session } from "@carapace/state";
import { type Conversation, callsIn, ownSteps } from "../context/conversation.ts";
import { newNonce } from "../context/fence.ts";
import type { Turn, TurnDeps } from "../types.ts";
import { createLoopWatch, type LoopWatch } from "./loop-watch.ts";
import { readStepFacts } from "./step-facts.ts";
import { addUsage, noUsage } from "./usage.ts";

/** What a turn knows while it goes on. Everything in it can be rebuilt from history after a crash. */
export interface Progress {
  readonly turn: Turn;
  readonly deps: TurnDeps;
  readonly run: Run;
  readonly session: Session;
  conversation: Conversation;
  /** Of the whole run so far. */
  usage: TokenUsage;
  /** Model calls whose step is in history. */
  stepsTaken: number;
  readonly watch: LoopWatch;
  /** Fires on abort and on the deadline. */
  readonly signal: AbortSignal;
  /** Fences untrusted text in this run's contexts. */
  readonly nonce: string;
  readonly usedIds: Set<string>;
  /** Text of this run that was streamed already, so that the next step's is set apart. */
  hasSpoken: boolean;
  /** The fallback that was told of, as `provider:model`. */
  answeredBy?: string;
  hasCompactedOnOverflow: boolean;
  hasCompacted: boolean;
  /** Labels of what the newest model call read; what it wrote and called inherits them. */
  steeredBy: readonly Origin[];
}

/** Starts, or after a crash picks up, from what history holds. */
export function startProgress(
  base: Pick<Progress, "turn" | "deps" | "run" | "session" | "conversation" | "signal" | "steeredBy">,
): Progress {
  const progress: Progress = {
    ...base,
    usage: noUsage,
    stepsTaken: 0,
    watch: createLoopWatch(),
    nonce: newNonce(base.deps.newId),
    usedIds: new Set(callsIn(base.conversation.messages.flatMap(({ blocks }) => blocks)).map(({ id }) => id)),
    hasSpoken: false,
    hasCompactedOnOverflow: false,
    hasCompacted: false,
  };
  replay(progress);
  return progress;
}

function replay(progress: Progress): void {
  const calls = new Map<string, ToolUseBlock>();
  for (const message of ownSteps(progress.conversation)) {
    if (message.role === "assistant") {
      progress.stepsTaken += 1;
      progress.usage = addUsage(progress.usage, readStepFacts(message.metadata).usage ?? noUsage);
    }
    for (const block of message.blocks) {
      if (block.type === "tool_use") calls.set(block.id, block);
      const call = block.type === "tool_result" ? calls.get(block.toolUseId) : undefined;
      if (block.type === "tool_result" && call !== undefined) progress.watch.observe(call, block);
      if (block.type === "text" && message.role === "assistant") progress.hasSpoken = true;
    }
  }
}
