import type { Conversation } from "./conversation.ts";
import { pruneResults } from "./prune.ts";
import { estimateBlocks, estimateTokens } from "./tokens.ts";

/** The share of a model's window (less its answer) that a context may fill before it is compacted. */
const fullShare = 0.8;
/** After the vendor said that it does not fit, the window must be smaller than we were told. */
const shrunkShare = 0.4;
/**
 * More messages than this are compacted even if they would fit (agent.md §7.7 forces it at 500): each is read and
 * verified for every turn, and paid for.
 */
export const maxContextMessages = 500;
/** Room for our own part of the system prompt. */
const frameTokens = 600;

export interface Fit {
  readonly contextTokens: number;
  readonly maxTokens: number;
  readonly fixedText: string;
  readonly toolTokens: number;
  readonly isShrunk?: boolean;
}

/** Tokens the conversation itself may take; at least a small one always may. */
export function roomFor(fit: Fit): number {
  const window = fit.contextTokens - Math.min(fit.maxTokens, fit.contextTokens / 2);
  const share = fit.isShrunk === true ? shrunkShare : fullShare;
  return Math.max(
    1000,
    Math.floor(window * share) - fit.toolTokens - estimateTokens(fit.fixedText) - frameTokens,
  );
}

/** Pure. Leaves out old tool results if that is needed, and says whether even that is not enough (agent.md §7.7). */
export function fitContext(
  conversation: Conversation,
  fit: Fit,
): { conversation: Conversation; needsCompaction: boolean } {
  const room = roomFor(fit);
  const excess = conversationTokens(conversation) - room;
  const isLong = conversation.messages.length > maxContextMessages;
  if (excess <= 0) return { conversation, needsCompaction: isLong };
  const pruned = { ...conversation, messages: pruneResults(conversation.messages, excess) };
  return { conversation: pruned, needsCompaction: isLong || conversationTokens(pruned) > room };
}

function conversationTokens(conversation: Conversation): number {
  let tokens = estimateBlocks(conversation.compaction?.summary ?? []);
  for (const message of conversation.messages) tokens += estimateBlocks(message.blocks);
  return tokens;
}
