import { eventStream, type StreamStyle } from "./sse.ts";
import type { Reply } from "./wire.ts";

/** A reply of the Responses API, by its output items. */
export interface ResponsesReply extends StreamStyle {
  readonly text?: readonly string[];
  readonly call?: { readonly id: string; readonly name: string; readonly arguments: string };
  /** How it ends: completed, cut off for a reason, failed with an error, or not at all. Default: completed. */
  readonly outcome?:
    | { readonly kind: "incomplete"; readonly reason: string }
    | { readonly kind: "failed"; readonly code: string; readonly message: string }
    | { readonly kind: "cut" };
}

/** A streamed response in the documented wire: created, items with their deltas, then the end with the usage. */
export function responsesReply(reply: ResponsesReply): Reply {
  const { text = [], call, outcome } = reply;
  const events = [
    { type: "response.created", response: head("in_progress") },
    ...(text.length === 0 ? [] : messageEvents(text)),
    ...(call === undefined ? [] : callEvents(call)),
    ...endEvents(outcome),
  ];
  const lines = events.map((event, index) => [
    `event: ${event.type}`,
    `data: ${JSON.stringify({ sequence_number: index, ...event })}`,
  ]);
  return eventStream(lines, reply);
}

function messageEvents(text: readonly string[]) {
  const item = { id: "msg_1", type: "message", role: "assistant", status: "in_progress", content: [] };
  const at = { item_id: "msg_1", output_index: 0, content_index: 0 };
  const whole = { type: "output_text", text: text.join(""), annotations: [] };
  return [
    { type: "response.output_item.added", output_index: 0, item },
    { type: "response.content_part.added", ...at, part: { type: "output_text", text: "", annotations: [] } },
    ...text.map((delta) => ({ type: "response.output_text.delta", ...at, delta })),
    { type: "response.output_text.done", ...at, text: whole.text },
    {
      type: "response.output_item.done",
      output_index: 0,
      item: { ...item, status: "completed", content: [whole] },
    },
  ];
}

function callEvents({ id, name, arguments: text }: NonNullable<ResponsesReply["call"]>) {
  const item = { id: "fc_1", type: "function_call", status: "in_progress", call_id: id, name, arguments: "" };
  return [
    { type: "response.output_item.added", output_index: 1, item },
    { type: "response.function_call_arguments.delta", item_id: "fc_1", output_index: 1, delta: text },
    { type: "response.function_call_arguments.done", item_id: "fc_1", output_index: 1, arguments: text },
    {
      type: "response.output_item.done",
      output_index: 1,
      item: { ...item, status: "completed", arguments: text },
    },
  ];
}

function endEvents(ending: ResponsesReply["outcome"]): readonly { readonly type: string }[] {
  if (ending === undefined) return [{ type: "response.completed", ...ended("completed") }];
  if (ending.kind === "cut") return [];
  if (ending.kind === "failed") {
    const { code, message } = ending;
    return [{ type: "response.failed", ...ended("failed", { error: { code, message } }) }];
  }
  const details = { incomplete_details: { reason: ending.reason } };
  return [{ type: "response.incomplete", ...ended("incomplete", details) }];
}

function ended(status: string, more: object = {}) {
  const usage = {
    input_tokens: 40,
    input_tokens_details: { cached_tokens: 30 },
    output_tokens: 12,
    output_tokens_details: { reasoning_tokens: 5 },
    total_tokens: 52,
  };
  return { response: { ...head(status), usage, ...more } };
}

function head(status: string) {
  return { id: "resp_1", object: "response", created_at: 1764000000, status, model: "gpt-5.5", output: [] };
}
