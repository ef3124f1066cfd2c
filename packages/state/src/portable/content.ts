import { type Block, type Json, JsonValue, mediaNote, type Origin } from "@carapace/protocol";
import { z } from "zod";
import { parseJson } from "../database/stored.ts";

const Part = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("tool_use"), id: z.string(), name: z.string(), input: JsonValue }),
  z.object({
    type: z.literal("tool_result"),
    tool_use_id: z.string(),
    content: z.string(),
    is_error: z.boolean().default(false),
  }),
]);
const Parts = z.array(Part).min(1);

/** The blocks of an assistant's message that holds calls: the reference writes them as a JSON array (agent.md §7.6). */
export function blocksOfContent(content: string, origin: Origin): Block[] {
  const parts = content.startsWith("[") ? Parts.safeParse(parseJson(content)) : undefined;
  if (parts?.success !== true) return [{ type: "text", text: content, origin }];
  return parts.data.map((part): Block => {
    if (part.type === "text") return { ...part, origin };
    if (part.type === "tool_use") return part;
    const { tool_use_id: toolUseId, content: text, is_error: isError } = part;
    return { type: "tool_result", toolUseId, name: "", content: text, isError, origin };
  });
}

/** How the reference writes these blocks. */
export function contentOfBlocks(blocks: readonly Block[]): string {
  if (blocks.every((block) => block.type === "text")) return blocks.map((block) => block.text).join("");
  const [first] = blocks;
  if (blocks.length === 1 && first?.type === "tool_result") return first.content;
  return JSON.stringify(blocks.map(partOf));
}

function partOf(block: Block): Json {
  if (block.type === "text") return { type: "text", text: block.text };
  if (block.type === "tool_use")
    return { type: "tool_use", id: block.id, name: block.name, input: block.input };
  if (block.type === "media") return { type: "text", text: mediaNote(block) };
  const { toolUseId, content, isError } = block;
  return { type: "tool_result", tool_use_id: toolUseId, content, is_error: isError };
}
