import { eventStream, jsonReply, type StreamStyle } from "./sse.ts";
import type { Reply } from "./wire.ts";

/** One step of a chat completion stream: the `delta` of its only choice. */
export type OpenAIDelta =
  | { readonly content: string }
  | { readonly refusal: string }
  | { readonly tool_calls: readonly OpenAIToolDelta[]; readonly content?: string };

export interface OpenAIToolDelta {
  readonly index: number;
  readonly id?: string;
  readonly type?: "function";
  readonly function: { readonly name?: string; readonly arguments?: string };
}

export interface OpenAIReply extends StreamStyle {
  readonly deltas: readonly OpenAIDelta[];
  /** Null: no chunk says why the model stopped. */
  readonly finishReason?: string | null;
  /** Sent in a chunk of its own after the finish reason; null leaves it out. */
  readonly usage?: {
    readonly prompt: number;
    readonly completion: number;
    readonly cached?: number;
    readonly reasoning?: number;
  } | null;
  /** Whether `[DONE]` ends the stream. Default true. */
  readonly hasDone?: boolean;
}

/** A streamed chat completion in the documented wire: role first, then deltas, finish reason, usage, `[DONE]`. */
export function openaiReply(reply: OpenAIReply): Reply {
  return eventStream(openaiEvents(reply), reply);
}

/** The same as events, for tests that leave some out or put others in. */
export function openaiEvents(reply: OpenAIReply): string[][] {
  const finish = reply.finishReason === undefined ? "stop" : reply.finishReason;
  const usage = reply.usage === undefined ? { prompt: 19, completion: 10 } : reply.usage;
  return [
    chunk({ choices: [choice({ role: "assistant", content: "", refusal: null }, null)] }),
    ...reply.deltas.map((delta) => chunk({ choices: [choice(delta, null)] })),
    ...(finish === null ? [] : [chunk({ choices: [choice({}, finish)] })]),
    ...(usage === null ? [] : [chunk({ choices: [], usage: usageFields(usage) })]),
    ...(reply.hasDone === false ? [] : [["data: [DONE]"]]),
  ];
}

/** The first part of a streamed call: its id and name, no arguments yet. */
export function callStart(index: number, id: string, name: string): OpenAIToolDelta {
  return { index, id, type: "function", function: { name, arguments: "" } };
}

/** A later part: a fragment of the arguments. */
export function callArguments(index: number, fragment: string): OpenAIToolDelta {
  return { index, function: { arguments: fragment } };
}

/** An error body of the documented shape. */
export function openaiError(
  status: number,
  error: {
    readonly message: string;
    readonly type?: string;
    readonly code?: string | null;
    readonly param?: string | null;
  },
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return jsonReply(
    status,
    { error: { type: "invalid_request_error", param: null, code: null, ...error } },
    headers,
  );
}

/** One `data` line that holds a chunk. */
export function chunk(fields: Readonly<Record<string, unknown>>): string[] {
  const head = {
    id: "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
    object: "chat.completion.chunk",
    created: 1741570283,
    model: "gpt-5.5-2026-08-07",
    service_tier: "default",
    system_fingerprint: "fp_44709d6fcb",
  };
  return [`data: ${JSON.stringify({ ...head, ...fields })}`];
}

function choice(delta: object, finishReason: string | null) {
  return { index: 0, delta, logprobs: null, finish_reason: finishReason };
}

function usageFields(usage: NonNullable<OpenAIReply["usage"]>) {
  return {
    prompt_tokens: usage.prompt,
    completion_tokens: usage.completion,
    total_tokens: usage.prompt + usage.completion,
    prompt_tokens_details: { cached_tokens: usage.cached ?? 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: usage.reasoning ?? 0, audio_tokens: 0 },
  };
}
