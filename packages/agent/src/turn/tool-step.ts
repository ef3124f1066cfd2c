import type { ToolResultBlock, ToolUseBlock } from "@carapace/protocol";
import type { NewMessage } from "@carapace/state";
import { ownSteps, steeringOrigins } from "../context/conversation.ts";
import { executeTools } from "./execute-tools.ts";
import type { StreamedCall } from "./model-call.ts";
import type { Progress } from "./progress.ts";
import { readStepFacts } from "./step-facts.ts";
import { attemptFact } from "./step-message.ts";

/** For one tool call; the tools of this version answer in milliseconds. */
const toolTimeoutMs = 60_000;

/** Runs the calls that wait for an answer, and stores their results together. */
export async function answerCalls(progress: Progress, pending: readonly ToolUseBlock[]): Promise<void> {
  const { deps, turn } = progress;
  progress.steeredBy = steeringOrigins(progress.conversation);
  const results = await executeTools(withFlaws(progress, pending), {
    tools: deps.tools,
    rights: turn.agent,
    context: toolContext(progress),
    timeoutMs: toolTimeoutMs,
    startedBefore: progress.run.attempts > 1 ? await deps.journal.startedTools(turn.runId) : new Set(),
    onStart: (call) => deps.journal.toolStarted(turn.runId, call.id),
    onDecided: deps.onToolDecided,
    settle: (call, raw) => settle(progress, call, raw),
  });
  const stored = await deps.journal.results(
    turn.runId,
    results.map((result) => resultMessage(progress, result)),
  );
  const { conversation } = progress;
  progress.conversation = { ...conversation, messages: [...conversation.messages, ...stored] };
}

function settle(progress: Progress, call: ToolUseBlock, raw: ToolResultBlock): ToolResultBlock {
  const result = progress.watch.observe(call, raw);
  const { toolUseId: id, name, content, isError } = result;
  progress.deps.emit({ kind: "tool_result", id, name, result: content, isError });
  return result;
}

/** Calls whose arguments were not JSON are marked beside their message, as the block itself cannot say so. */
function withFlaws(progress: Progress, pending: readonly ToolUseBlock[]): StreamedCall[] {
  const step = ownSteps(progress.conversation).findLast((message) => message.role === "assistant");
  const invalid = new Set(readStepFacts(step?.metadata).invalidCalls);
  return pending.map((call) => (invalid.has(call.id) ? { ...call, invalid: "" } : call));
}

function toolContext(progress: Progress) {
  const { deps, turn } = progress;
  return {
    agentId: turn.agent.agentId,
    sessionKey: turn.sessionKey,
    sessionId: turn.sessionId,
    runId: turn.runId,
    state: { sessions: deps.sessions, memory: deps.memory },
    config: deps.toolContext.config,
    status: deps.toolContext.status,
    nowMs: () => deps.clock.nowMs(),
    steeredBy: progress.steeredBy,
    signal: progress.signal,
  };
}

function resultMessage(progress: Progress, result: ToolResultBlock): NewMessage {
  return {
    id: progress.deps.newId(),
    role: "tool",
    blocks: [result],
    createdAtMs: progress.deps.clock.nowMs(),
    runId: progress.turn.runId,
    ...(progress.run.attempts > 1 ? { metadata: attemptFact(progress) } : {}),
  };
}
