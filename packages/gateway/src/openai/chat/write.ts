import type { TokenUsage } from "@carapace/protocol";
import { sseFrame } from "../../http/sse.ts";
import type { Collected } from "../answer/collect.ts";
import type { Answer, ReplyEvent } from "../answer/types.ts";
import { errorObject } from "../errors.ts";

/** What all parts of one reply have in common. */
export interface ChatHead {
  /** `chatcmpl_` and 32 hex digits. */
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly model: string;
}

/** Pure. The reply as one object. */
export function chatCompletion({ id, created, model }: ChatHead, reply: Collected) {
  const calls = reply.calls.map(wireCall);
  const content = reply.text === "" && calls.length > 0 ? null : reply.text;
  const message = {
    role: "assistant",
    content,
    name: null,
    refusal: null,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return {
    id,
    object: "chat.completion",
    created,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: reply.finish }],
    usage: wireUsage(reply.usage),
  };
}

/** The reply as frames; `[DONE]` ends them whatever happens (http.md §11.1). */
export async function* chatFrames(
  head: ChatHead,
  answer: Pick<Answer, "events">,
  { withUsage }: { readonly withUsage: boolean },
): AsyncGenerator<string> {
  const chunk = (choices: readonly object[], usage: object | null = null) =>
    sseFrame(JSON.stringify({ ...chunkHead(head), choices, ...(withUsage ? { usage } : {}) }));
  const choice = (delta: object, finish: string | null = null) =>
    chunk([{ index: 0, delta, finish_reason: finish }]);
  yield choice({ role: "assistant" });
  let calls = 0;
  for await (const event of answer.events) {
    if (event.kind === "text") yield choice({ content: event.delta });
    else if (event.kind === "call") yield choice({ tool_calls: [{ index: calls++, ...wireCall(event) }] });
    else if (event.kind === "failed") yield sseFrame(JSON.stringify(errorObject(event.error)));
    else {
      yield choice({}, event.finish);
      if (withUsage) yield chunk([], wireUsage(event.usage));
    }
  }
  yield sseFrame("[DONE]");
}

function chunkHead({ id, created, model }: ChatHead) {
  return { id, object: "chat.completion.chunk", created, model };
}

function wireCall({ id, name, input }: Pick<Extract<ReplyEvent, { kind: "call" }>, "id" | "name" | "input">) {
  return { id, type: "function", function: { name, arguments: input } };
}

function wireUsage({ inputTokens, outputTokens, cacheReadTokens, reasoningTokens }: TokenUsage) {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    ...(cacheReadTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: cacheReadTokens } }),
    ...(reasoningTokens === undefined
      ? {}
      : { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  };
}
