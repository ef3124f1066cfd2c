import { modelString } from "../agents/model-string.ts";
import { assemble } from "../context/assemble.ts";
import { steeringOrigins } from "../context/conversation.ts";
import { type Fit, fitContext, roomFor } from "../context/fit.ts";
import { systemPrompt } from "../context/system-prompt.ts";
import { estimateTools } from "../context/tokens.ts";
import type { ModelMessage, ModelRequest, ModelSwitch, ToolDefinition } from "../types.ts";
import { compactForRun } from "./compact-run.ts";
import { callModel, type Reply } from "./model-call.ts";
import type { Progress } from "./progress.ts";
import { readMedia } from "./read-media.ts";
import type { StepFacts } from "./step-facts.ts";
import { isToolOffered } from "./tool-policy.ts";
import { addUsage, recordUsage } from "./usage.ts";

type Closing = NonNullable<StepFacts["closing"]>;

/**
 * One model call of a turn: context, call, and the two second tries there are: after a context overflow with a
 * compacted context, and after an empty answer with a reminder. Neither has shown the user anything yet.
 */
export async function askModel(progress: Progress, closing: Closing | undefined): Promise<Reply> {
  const reply = await callOnce(progress, { closing });
  if (isOverflow(reply) && !progress.hasCompactedOnOverflow) {
    progress.hasCompactedOnOverflow = true;
    await recordLost(progress, reply);
    await compactForRun(progress, fitFor(progress, allowedTools(progress)));
    return await callOnce(progress, { closing });
  }
  if (isEmpty(reply)) {
    await recordLost(progress, reply);
    return await callOnce(progress, { closing, reminder: "Your last answer was empty. Answer now." });
  }
  return reply;
}

interface Attempt {
  readonly closing: Closing | undefined;
  readonly reminder?: string;
}

async function callOnce(progress: Progress, attempt: Attempt): Promise<Reply> {
  const request = await buildRequest(progress, attempt);
  const { deps } = progress;
  let isFirst = true;
  return await callModel(
    { provider: deps.provider, request, signal: progress.signal },
    {
      newId: deps.newId,
      secrets: deps.secrets(),
      usedIds: progress.usedIds,
      onText: (delta) => {
        // Clients join deltas: what one step said is set apart from what the next one says.
        deps.emit({ kind: "text", delta: isFirst && progress.hasSpoken ? `\n\n${delta}` : delta });
        isFirst = false;
        progress.hasSpoken = true;
      },
      onSwitch: (other) => tellSwitch(progress, other),
      onCall: ({ id, name, input }) => deps.emit({ kind: "tool_use", id, name, input }),
    },
  );
}

/** Told once, not before each step that it holds for. */
function tellSwitch(progress: Progress, { from, model: other, why, detail }: ModelSwitch): void {
  const model = modelString(other);
  if (progress.answeredBy === model) return;
  progress.answeredBy = model;
  progress.deps.emit({ kind: "switched", from, model, why, ...(detail === undefined ? {} : { detail }) });
}

async function buildRequest(progress: Progress, attempt: Attempt): Promise<ModelRequest> {
  const { agent } = progress.turn;
  const tools = attempt.closing === undefined ? allowedTools(progress) : [];
  const fit = fitFor(progress, tools);
  let fitted = fitContext(progress.conversation, fit);
  if (fitted.needsCompaction && !progress.hasCompacted) {
    await compactForRun(progress, fit);
    fitted = fitContext(progress.conversation, fit);
  }
  progress.steeredBy = steeringOrigins(fitted.conversation);
  const context = assemble(fitted.conversation, { nonce: progress.nonce, hasTools: tools.length > 0 });
  const media = await readMedia(context.messages, progress.deps);
  return {
    model: agent.model.model,
    system: systemPrompt({
      agent,
      nowMs: progress.deps.clock.nowMs(),
      tools,
      notices: context.notices,
      ...(progress.session.metadata.channel === undefined
        ? {}
        : { channel: progress.session.metadata.channel }),
      ...(context.isFenced ? { nonce: progress.nonce } : {}),
      ...(attempt.closing === undefined ? {} : { closing: closingText(attempt.closing, agent.maxTurns) }),
    }),
    messages: withReminder(context.messages, attempt.reminder),
    ...(media.size === 0 ? {} : { media }),
    tools,
    maxTokens: agent.maxTokens,
    ...(agent.temperature === undefined ? {} : { temperature: agent.temperature }),
    ...(agent.reply === undefined ? {} : { reply: agent.reply }),
    ...(agent.extra === undefined ? {} : { extra: agent.extra }),
  };
}

/** Tokens the turn's conversation may take. */
export function roomOf(progress: Progress): number {
  return roomFor(fitFor(progress, allowedTools(progress)));
}

function fitFor(progress: Progress, tools: readonly ToolDefinition[]): Fit {
  const { contextTokens, maxTokens, system } = progress.turn.agent;
  const isShrunk = progress.hasCompactedOnOverflow;
  return { contextTokens, maxTokens, fixedText: system ?? "", toolTokens: estimateTools(tools), isShrunk };
}

function allowedTools(progress: Progress): ToolDefinition[] {
  const { deps, turn } = progress;
  return deps.tools
    .filter((tool) => isToolOffered(tool, turn.agent))
    .map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
}

function withReminder(
  messages: readonly ModelMessage[],
  reminder: string | undefined,
): readonly ModelMessage[] {
  const last = messages.at(-1);
  if (reminder === undefined || last === undefined) return messages;
  const origin = { kind: "system", ref: "reminder" } as const;
  return [
    ...messages.slice(0, -1),
    { ...last, blocks: [...last.blocks, { type: "text", text: reminder, origin }] },
  ];
}

function closingText(closing: Closing, maxTurns: number): string {
  const why =
    closing === "max_turns"
      ? `You have used all ${maxTurns} steps of this turn.`
      : "You have repeated the same tool call too often.";
  return `${why} There are no tools any more. Say in words what you found, and what is left to do.`;
}

function isOverflow(reply: Reply): boolean {
  return reply.end.kind === "failed" && reply.end.failure.code === "context_overflow" && reply.text === "";
}

function isEmpty(reply: Reply): boolean {
  return (
    reply.end.kind === "stop" &&
    reply.end.reason !== "max_tokens" &&
    reply.text.trim() === "" &&
    reply.calls.length === 0
  );
}

/** A call whose answer is not kept has cost tokens all the same. */
async function recordLost(progress: Progress, reply: Reply): Promise<void> {
  if (reply.end.kind === "aborted" || reply.end.usage === undefined) return;
  progress.usage = addUsage(progress.usage, reply.end.usage);
  await recordUsage(progress.turn, progress.deps, { usage: reply.end.usage, by: reply.by });
}
