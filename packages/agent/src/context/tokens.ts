import type { Block, MediaBlock } from "@carapace/protocol";
import type { ToolDefinition } from "../types.ts";

const bytesPerToken = 3;
const tokensPerBlock = 8;
/** About what vendors count for a large picture, or for a page or two. */
const tokensPerMedia = 1600;

/**
 * A cheap upper estimate of a text's tokens: one per 3 UTF-8 bytes. English runs at about 4 bytes a token, code and
 * Chinese or Japanese at about 3, so that the estimate errs towards compacting too early, never too late.
 */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken);
}

/** The estimate for blocks, with what the wire adds around each. */
export function estimateBlocks(blocks: readonly Block[]): number {
  let tokens = 0;
  for (const block of blocks)
    tokens += tokensPerBlock + (block.type === "media" ? tokensPerMedia : estimateTokens(textIn(block)));
  return tokens;
}

/** The estimate for the tools a model is told of. */
export function estimateTools(tools: readonly ToolDefinition[]): number {
  return tools.length === 0 ? 0 : estimateTokens(JSON.stringify(tools.map(shape)));
}

function textIn(block: Exclude<Block, MediaBlock>): string {
  if (block.type === "text") return block.text;
  if (block.type === "tool_result") return block.content;
  return block.name + JSON.stringify(block.input);
}

function shape(tool: ToolDefinition): unknown {
  return [tool.name, tool.description, tool.inputSchema];
}
