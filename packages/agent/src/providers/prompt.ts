import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4TextPart,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import {
  type Block,
  isRecord,
  type MediaBlock,
  mediaNote,
  type ToolResultBlock,
  type ToolUseBlock,
} from "@carapace/protocol";
import type { ModelMessage, ModelRequest } from "../types.ts";
import { replyOptions } from "./reply-options.ts";

type UserPart = LanguageModelV4TextPart | LanguageModelV4FilePart;

/** How a vendor wants a prompt. */
export interface PromptStyle {
  /** Whether an error result has a mark of its own on this wire, or only its text. */
  readonly marksErrors: boolean;
  /** Put on what the vendor shall keep in its prompt cache: system, last tool, last message. */
  readonly cacheMark?: SharedV4ProviderOptions;
}

/**
 * A request's system text, messages and tools as an SDK takes them (agent.md §4.3, §4.4). That calls and results fit
 * together is the request's own promise.
 */
export function toCallOptions(request: ModelRequest, style: PromptStyle): LanguageModelV4CallOptions {
  return {
    ...(request.reply === undefined ? {} : replyOptions(request.reply, request.tools.length > 0)),
    prompt: toPrompt(request, style),
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.tools.length === 0 ? {} : { tools: toTools(request, style) }),
  };
}

function toTools(
  { tools }: ModelRequest,
  style: PromptStyle,
): NonNullable<LanguageModelV4CallOptions["tools"]> {
  return tools.map((tool, index) => ({
    type: "function",
    name: tool.name,
    description: tool.description,
    inputSchema: structuredClone(tool.inputSchema),
    ...marked(style, index === tools.length - 1),
  }));
}

function toPrompt(request: ModelRequest, style: PromptStyle): LanguageModelV4Prompt {
  const system: LanguageModelV4Prompt = request.system?.trim()
    ? [{ role: "system", content: request.system, ...marked(style, true) }]
    : [];
  const messages = request.messages.flatMap((message) =>
    message.role === "user" ? userMessages(message, request, style) : assistantMessages(message),
  );
  return [...system, ...markLast(messages, style)];
}

/** On these wires results are a message of their own. */
function userMessages(
  message: ModelMessage,
  { media }: Pick<ModelRequest, "media">,
  style: PromptStyle,
): LanguageModelV4Message[] {
  const said = message.blocks.flatMap((block): UserPart[] =>
    block.type === "media" ? mediaPart(block, media?.get(block.mediaId)) : textPart(block),
  );
  const results = message.blocks.filter((block) => block.type === "tool_result");
  const answers = results.map((block) => toolResult(block, style));
  return [
    ...(answers.length === 0 ? [] : [{ role: "tool" as const, content: answers }]),
    ...(said.length === 0 ? [] : [{ role: "user" as const, content: said }]),
  ];
}

function assistantMessages(message: ModelMessage): LanguageModelV4Message[] {
  const calls = message.blocks.filter((block) => block.type === "tool_use").map(toolCall);
  const content = [...message.blocks.flatMap(textPart), ...calls];
  return content.length === 0 ? [] : [{ role: "assistant", content }];
}

function textPart(block: Block): LanguageModelV4TextPart[] {
  // Vendors refuse a block of blanks.
  return block.type === "text" && block.text.trim() !== ""
    ? [{ type: "text" as const, text: block.text }]
    : [];
}

/** A picture or document; in words if its bytes are not there any more. */
function mediaPart(block: MediaBlock, bytes: Uint8Array | undefined): UserPart[] {
  if (bytes === undefined)
    return [{ type: "text" as const, text: `${mediaNote(block)} (not kept any more)` }];
  const { mime: mediaType, name } = block;
  const file = { type: "file" as const, mediaType, data: { type: "data" as const, data: bytes } };
  return [name === undefined ? file : { ...file, filename: name }];
}

function toolCall(block: ToolUseBlock) {
  const input = isRecord(block.input) ? block.input : {};
  const signature = block.metadata?.gemini?.thoughtSignature;
  return {
    type: "tool-call" as const,
    toolCallId: wireId(block.id),
    toolName: block.name,
    input,
    ...(signature === undefined ? {} : { providerOptions: { google: { thoughtSignature: signature } } }),
  };
}

function toolResult(block: ToolResultBlock, style: PromptStyle) {
  const type = block.isError && style.marksErrors ? ("error-text" as const) : ("text" as const);
  return {
    type: "tool-result" as const,
    toolCallId: wireId(block.toolUseId),
    toolName: block.name,
    output: { type, value: block.content },
  };
}

/** Ids made by one vendor must be fit for another: the Messages API takes letters, digits, `_` and `-`. */
function wireId(id: string): string {
  return id.replace(/[^A-Za-z0-9_-]/g, "_");
}

function markLast(messages: LanguageModelV4Message[], style: PromptStyle): LanguageModelV4Message[] {
  const last = messages.at(-1);
  return last === undefined ? messages : [...messages.slice(0, -1), { ...last, ...marked(style, true) }];
}

function marked(style: PromptStyle, isMarked: boolean): { providerOptions?: SharedV4ProviderOptions } {
  return isMarked && style.cacheMark !== undefined ? { providerOptions: style.cacheMark } : {};
}
