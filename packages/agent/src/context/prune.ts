import type { Block } from "@carapace/protocol";
import type { Message } from "@carapace/state";
import { estimateBlocks } from "./tokens.ts";

/** Shorter results are not worth dropping. */
const minBytes = 1024;
/** The newest results are what the model is working with. */
const keptResultMessages = 4;

/**
 * Pure. Makes room of at least `tokens`, if it can, by leaving out the text of old tool results, oldest first; the
 * newest four result messages stay (agent.md §7.7 *Better*). History keeps the text.
 */
export function pruneResults(messages: readonly Message[], tokens: number): Message[] {
  const prunable = messages.filter((message) => message.role === "tool").slice(0, -keptResultMessages);
  const candidates = new Set(prunable);
  let saved = 0;
  return messages.map((message) => {
    if (saved >= tokens || !candidates.has(message)) return message;
    const pruned = { ...message, blocks: message.blocks.map(pruneBlock) };
    saved += estimateBlocks(message.blocks) - estimateBlocks(pruned.blocks);
    return pruned;
  });
}

function pruneBlock(block: Block): Block {
  if (block.type !== "tool_result" || Buffer.byteLength(block.content) < minBytes) return block;
  return {
    ...block,
    content: "[An old result, left out to save room. Call the tool again if it is needed.]",
  };
}
