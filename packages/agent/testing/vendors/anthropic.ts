import { eventStream, jsonReply, type StreamStyle } from "./sse.ts";
import type { Reply } from "./wire.ts";

/** One content block of a reply; `json` holds the fragments in which a call's arguments arrive. */
export type AnthropicBlock =
  | { readonly type: "text"; readonly deltas: readonly string[] }
  | {
      readonly type: "tool_use";
      readonly id: string;
      readonly name: string;
      readonly json: readonly string[];
    };

export interface AnthropicReply extends StreamStyle {
  readonly blocks: readonly AnthropicBlock[];
  readonly stopReason?: string;
  readonly usage?: {
    readonly input: number;
    readonly output: number;
    readonly cacheRead?: number;
    readonly cacheWrite?: number;
  };
}

/** A streamed message in the documented wire of the Messages API: named events, pings, one block after the other. */
export function anthropicReply(reply: AnthropicReply): Reply {
  return eventStream(anthropicEvents(reply), reply);
}

/** The same as events, for tests that leave some out or put others in. */
export function anthropicEvents(reply: AnthropicReply): string[][] {
  const usage = reply.usage ?? { input: 25, output: 15 };
  return [
    event("message_start", { message: messageHead(usage) }),
    event("ping", {}),
    ...reply.blocks.flatMap(blockEvents),
    event("message_delta", {
      delta: { stop_reason: reply.stopReason ?? "end_turn", stop_sequence: null },
      usage: { output_tokens: usage.output },
    }),
    event("message_stop", {}),
  ];
}

/** One named event: its `event` and `data` lines. */
export function event(type: string, fields: Readonly<Record<string, unknown>>): string[] {
  return [`event: ${type}`, `data: ${JSON.stringify({ type, ...fields })}`];
}

/** An error body (or, with status 200, an error event in a stream that has begun). */
export function anthropicError(
  status: number,
  error: { readonly type: string; readonly message: string },
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return jsonReply(status, { type: "error", error, request_id: "req_011CSHoEeqs5C35K2UUqR7Fy" }, headers);
}

function messageHead(usage: NonNullable<AnthropicReply["usage"]>) {
  return {
    id: "msg_1nZdL29xx5MUA1yADyHTEsnR8uuvGzszyY",
    type: "message",
    role: "assistant",
    content: [],
    model: "claude-sonnet-4-6",
    stop_reason: null,
    stop_sequence: null,
    usage: {
      input_tokens: usage.input,
      cache_read_input_tokens: usage.cacheRead ?? 0,
      cache_creation_input_tokens: usage.cacheWrite ?? 0,
      output_tokens: 1,
    },
  };
}

function blockEvents(block: AnthropicBlock, index: number): string[][] {
  const start =
    block.type === "text"
      ? { type: "text", text: "" }
      : { type: "tool_use", id: block.id, name: block.name, input: {} };
  const deltas =
    block.type === "text"
      ? block.deltas.map((text) => ({ type: "text_delta", text }))
      : block.json.map((partial) => ({ type: "input_json_delta", partial_json: partial }));
  return [
    event("content_block_start", { index, content_block: start }),
    ...deltas.map((delta) => event("content_block_delta", { index, delta })),
    event("content_block_stop", { index }),
  ];
}
