import { type Block, mixOrigins, type Origin, type ToolUseBlock } from "@carapace/protocol";
import type { Compaction, Message, Run, SessionRepository } from "@carapace/state";
import { maxContextMessages } from "./fit.ts";
import { distinctOrigins, messageOrigins, originsOf } from "./origins.ts";
import { estimateBlocks } from "./tokens.ts";

/** What one run's context is made of: what came before its input, its input, and its own steps; nothing later. */
export interface Conversation {
  /** Stands for everything up to its `throughSeq`. */
  readonly compaction?: Compaction;
  /** Oldest first. */
  readonly messages: readonly Message[];
  /** `seq` of the run's input. */
  readonly inputSeq: number;
}

const pageSize = 200;

/**
 * Reads what a run's context needs, newest first, and stops once more than `enoughTokens` or more messages than a
 * context may have are there: what does not fit is not read, however long the session is. Messages of other runs after
 * this run's input are left out.
 * @throws StateError `session_damaged`: what was changed from outside never reaches a model
 */
export async function loadConversation(
  sessions: Pick<SessionRepository, "history" | "compaction">,
  run: Run,
  enoughTokens: number,
): Promise<Conversation> {
  const compaction = await sessions.compaction(run.sessionId);
  const afterSeq = compaction?.throughSeq ?? 0;
  const newestFirst: Message[] = [];
  let tokens = 0;
  let beforeSeq: number | undefined;
  let hasInput = false;
  for (;;) {
    const range = {
      limit: pageSize,
      afterSeq,
      intactOnly: true,
      ...(beforeSeq === undefined ? {} : { beforeSeq }),
    };
    const page = await sessions.history(run.sessionId, range);
    for (const message of page.toReversed()) {
      newestFirst.push(message);
      hasInput ||= message.id === run.input.id;
      if (hasInput) tokens += estimateBlocks(message.blocks);
    }
    beforeSeq = page[0]?.seq;
    const isEnough = tokens > enoughTokens || newestFirst.length > maxContextMessages;
    if (page.length < pageSize || beforeSeq === undefined || (hasInput && isEnough)) break;
  }
  return { ...(compaction === undefined ? {} : { compaction }), ...upTo(run, newestFirst.reverse()) };
}

function upTo(run: Run, history: readonly Message[]): Pick<Conversation, "messages" | "inputSeq"> {
  const inputSeq = history.find((message) => message.id === run.input.id)?.seq;
  if (inputSeq === undefined) throw new Error("the run's input is not in its session's history");
  return {
    inputSeq,
    messages: history.filter((message) => message.seq <= inputSeq || message.runId === run.id),
  };
}

/** The run's own messages after its input. */
export function ownSteps(conversation: Conversation): readonly Message[] {
  return conversation.messages.filter((message) => message.seq > conversation.inputSeq);
}

/** Calls of the run's last step which have no result yet: after a normal step all of them, after a crash some. */
export function pendingCalls(conversation: Conversation): ToolUseBlock[] {
  const steps = ownSteps(conversation);
  const last = steps.findLastIndex((message) => message.role === "assistant");
  const answered = new Set<string>();
  for (const message of steps.slice(last + 1)) {
    for (const block of message.blocks) if (block.type === "tool_result") answered.add(block.toolUseId);
  }
  return callsIn(steps[last]?.blocks ?? []).filter((call) => !answered.has(call.id));
}

export function callsIn(blocks: readonly Block[]): ToolUseBlock[] {
  return blocks.filter((block) => block.type === "tool_use");
}

/** The labels of everything the model reads in this conversation: whoever could have steered what it does next. */
export function steeringOrigins(conversation: Conversation): Origin[] {
  const notes = originsOf(conversation.compaction?.summary ?? []);
  return distinctOrigins([...notes, ...conversation.messages.flatMap(messageOrigins)]);
}

/** The label of what the model writes when it has read these. */
export function modelOrigin(steeredBy: readonly Origin[], model: string): Origin {
  return mixOrigins("model", steeredBy, model);
}
