import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import { isRecord, type ToolResultBlock, type ToolUseBlock } from "@carapace/protocol";
import type { ModelMessage, ModelRequest } from "../types.ts";

/** How a vendor wants a prompt. */
export interface PromptStyle {
  /** Whether an error result has a mark of its own on this wire, or only its text. */
  readonly marksErrors: boolean;
  /** Put on what the vendor shall keep in its prompt cache: system, last tool, last message. */
  readonly cacheMark?: SharedV4ProviderOptions;
}

type Paired = ReadonlyMap<string, ToolResultBlock>;

/**
 * A request's system text, messages and tools as an SDK takes them (agent.md §4.3, §4.4). A call is sent only together
 * with its result in the next message, a result only after its call; neighbours of one role become one message.
 */
export function toCallOptions(
  request: ModelRequest,
  style: PromptStyle,
): Pick<LanguageModelV4CallOptions, "prompt" | "tools" | "temperature"> {
  return {
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
  const turns = mergeNeighbours(request.messages);
  const system: LanguageModelV4Prompt = request.system?.trim()
    ? [{ role: "system", content: request.system, ...marked(style, true) }]
    : [];
  const messages = turns.flatMap((turn, index) => {
    const results = turn.role === "user" ? pair(turns[index - 1], turn) : pair(turn, turns[index + 1]);
    return turn.role === "user" ? userMessages(turn, results, style) : assistantMessages(turn, results);
  });
  return [...system, ...markLast(joinUsers(messages), style)];
}

function mergeNeighbours(messages: readonly ModelMessage[]): ModelMessage[] {
  const turns: ModelMessage[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    if (last?.role === message.role)
      turns[turns.length - 1] = { ...last, blocks: [...last.blocks, ...message.blocks] };
    else turns.push(message);
  }
  return turns;
}

/** The results in `reply`, by the id of the call in `asked` each answers; the first of several, none without its call. */
function pair(asked: ModelMessage | undefined, reply: ModelMessage | undefined): Paired {
  const called = new Set(asked?.blocks.flatMap((block) => (block.type === "tool_use" ? [block.id] : [])));
  const results = new Map<string, ToolResultBlock>();
  for (const block of reply?.blocks ?? []) {
    if (block.type !== "tool_result" || !called.has(block.toolUseId) || results.has(block.toolUseId))
      continue;
    results.set(block.toolUseId, block);
  }
  return results;
}

function userMessages(turn: ModelMessage, results: Paired, style: PromptStyle): LanguageModelV4Message[] {
  const texts = textParts(turn);
  const answers = [...results.values()].map((block) => toolResult(block, style));
  return [
    ...(answers.length === 0 ? [] : [{ role: "tool" as const, content: answers }]),
    ...(texts.length === 0 ? [] : [{ role: "user" as const, content: texts }]),
  ];
}

function assistantMessages(turn: ModelMessage, results: Paired): LanguageModelV4Message[] {
  const seen = new Set<string>();
  const calls = turn.blocks.flatMap((block) => {
    if (block.type !== "tool_use" || !results.has(block.id) || seen.has(block.id)) return [];
    seen.add(block.id);
    return [toolCall(block)];
  });
  const content = [...textParts(turn), ...calls];
  return content.length === 0 ? [] : [{ role: "assistant", content }];
}

function textParts({ blocks }: ModelMessage) {
  return blocks.flatMap((block) =>
    // Vendors refuse a block of blanks.
    block.type === "text" && block.text.trim() !== "" ? [{ type: "text" as const, text: block.text }] : [],
  );
}

function toolCall(block: ToolUseBlock) {
  const input = isRecord(block.input) ? block.input : {};
  return { type: "tool-call" as const, toolCallId: wireId(block.id), toolName: block.name, input };
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

/** Dropping an orphaned call can leave two user messages side by side: they become one. */
function joinUsers(messages: readonly LanguageModelV4Message[]): LanguageModelV4Message[] {
  const joined: LanguageModelV4Message[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (message.role === "user" && last?.role === "user") last.content.push(...message.content);
    else joined.push(message);
  }
  return joined;
}

function markLast(messages: LanguageModelV4Message[], style: PromptStyle): LanguageModelV4Message[] {
  const last = messages.at(-1);
  return last === undefined ? messages : [...messages.slice(0, -1), { ...last, ...marked(style, true) }];
}

function marked(style: PromptStyle, isMarked: boolean): { providerOptions?: SharedV4ProviderOptions } {
  return isMarked && style.cacheMark !== undefined ? { providerOptions: style.cacheMark } : {};
}
