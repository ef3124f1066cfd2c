import { type Block, mediaNote } from "@carapace/protocol";
import type { ModelMessage } from "../types.ts";

/** Pure. A conversation as one text (agent.md §4.7): each block under the name of who said it. */
export function claudePrompt(messages: readonly ModelMessage[]): string {
  return messages.flatMap(({ role, blocks }) => blocks.flatMap((block) => spoken(role, block))).join("\n\n");
}

function spoken(role: ModelMessage["role"], block: Block): string[] {
  const speaker = role === "user" ? "User" : "Assistant";
  switch (block.type) {
    case "text":
      return block.text.trim() === "" ? [] : [`${speaker}: ${block.text}`];
    case "tool_use":
      return [`Assistant: [tool use: ${block.name}] ${JSON.stringify(block.input)}`];
    case "tool_result":
      return [`User: [tool result] ${block.content}`];
    case "media":
      return [`${speaker}: ${mediaNote(block)}`];
  }
}
