import { z } from "zod";
import { JsonValue } from "./json.ts";
import { Origin } from "./origin.ts";

/** What a vendor wants back with a block it made (agent.md §1): 64 KiB at most, larger ones are not kept. */
const BlockMetadata = z.object({
  gemini: z.object({ thoughtSignature: z.string().max(65_536).optional() }).optional(),
});
export type BlockMetadata = z.infer<typeof BlockMetadata>;

/** One piece of a message, as history keeps it and a model reads it (agent.md §1), with its label. */
export const Block = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string(), origin: Origin }),
  z.object({
    type: z.literal("tool_use"),
    id: z.string(),
    name: z.string(),
    input: JsonValue,
    metadata: BlockMetadata.optional(),
  }),
  z.object({
    type: z.literal("tool_result"),
    toolUseId: z.string(),
    name: z.string(),
    content: z.string(),
    isError: z.boolean(),
    origin: Origin,
  }),
  /** A picture or a document, which lies in the media store as long as its time lasts; never its bytes. */
  z.object({
    type: z.literal("media"),
    mediaId: z.string().max(64),
    /** `image/png`. */
    mime: z.string().max(127),
    name: z.string().max(255).optional(),
    origin: Origin,
  }),
]);
export type Block = z.infer<typeof Block>;
export type ToolUseBlock = Extract<Block, { type: "tool_use" }>;
export type MediaBlock = Extract<Block, { type: "media" }>;
export type ToolResultBlock = Extract<Block, { type: "tool_result" }>;

export const Role = z.enum(["user", "assistant", "system", "tool"]);
export type Role = z.infer<typeof Role>;

/** The text of a message as one string, without tool calls and results. */
export function textOf(blocks: readonly Block[]): string {
  return blocks.map((block) => (block.type === "text" ? block.text : "")).join("");
}

/** Pure. A picture or document in words, for readers who do not see it. */
export function mediaNote({ mime, name }: Pick<MediaBlock, "mime" | "name">): string {
  return `[${name === undefined ? mime : `${name}, ${mime}`}]`;
}

/** Tokens of one model call (agent.md §1); the cached ones are part of `inputTokens`. */
export const TokenUsage = z.object({
  inputTokens: z.int().min(0),
  outputTokens: z.int().min(0),
  cacheReadTokens: z.int().min(0).optional(),
  cacheWriteTokens: z.int().min(0).optional(),
  reasoningTokens: z.int().min(0).optional(),
});
export type TokenUsage = z.infer<typeof TokenUsage>;

/** Why a model stopped (agent.md §1). */
export const StopReason = z.enum(["end_turn", "tool_use", "max_tokens"]);
export type StopReason = z.infer<typeof StopReason>;
