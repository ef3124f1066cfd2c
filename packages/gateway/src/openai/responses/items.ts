import type { Origin, TokenUsage } from "@carapace/protocol";
import type { Entry } from "../answer/blocks.ts";
import type { Collected } from "../answer/collect.ts";
import type { ReplyEvent } from "../answer/types.ts";
import { readInput } from "../question/read-input.ts";

type Call = Extract<ReplyEvent, { kind: "call" }>;

/** One item of a reply, as clients read it. */
export type OutputItem = ReturnType<typeof messageItem> | ReturnType<typeof callItem>;

/** Pure. */
export function textPart(text: string) {
  return { type: "output_text", text, annotations: [], logprobs: [] } as const;
}

/** Pure. @param digits the 32 hex digits of the reply's id, and for all but its first message a suffix */
export function messageItem(digits: string, text: string) {
  const content = [textPart(text)];
  return { type: "message", id: `msg_${digits}`, role: "assistant", content, status: "completed" } as const;
}

/** Pure. @param index among the calls of the reply */
export function callItem(digits: string, index: number, { id, name, input }: Call) {
  const facts = { call_id: id, name, arguments: input, status: "completed" } as const;
  return { type: "function_call", id: `call_${digits}_${index}`, ...facts } as const;
}

/** Pure. The items of a whole reply: its text, if there is any or nothing else, and its calls. */
export function itemsOf(digits: string, { text, calls }: Pick<Collected, "text" | "calls">): OutputItem[] {
  const message = text === "" && calls.length > 0 ? [] : [messageItem(digits, text)];
  return [...message, ...calls.map((call, index) => callItem(digits, index, call))];
}

/** Pure. The same as messages of a conversation that is kept. */
export function entriesOfItems(items: readonly OutputItem[]): Entry[] {
  return items.map((item) => ({ role: "assistant", itemId: item.id, blocks: [blockOf(item)] }));
}

function blockOf(item: OutputItem): Entry["blocks"][number] {
  if (item.type === "function_call")
    return { type: "tool_use", id: item.call_id, name: item.name, input: readInput(item.arguments) };
  const origin: Origin = { kind: "model", from: ["imported"] };
  return { type: "text", text: item.content.map(({ text }) => text).join(""), origin };
}

/** Pure. */
export function wireUsage({
  inputTokens,
  outputTokens,
  cacheReadTokens = 0,
  reasoningTokens = 0,
}: TokenUsage) {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cacheReadTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens,
  };
}
