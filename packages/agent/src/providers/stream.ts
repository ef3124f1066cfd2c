import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { isRecord, type Json, type TokenUsage } from "@carapace/protocol";
import type { ModelEvent } from "../types.ts";
import { endedBecause, type Trouble, troubleOf } from "./failures.ts";
import type { AttemptEvent } from "./retry.ts";
import type { TransportEnding } from "./transport.ts";
import { TransportError } from "./transport-error.ts";
import { UsageTally } from "./usage.ts";
import type { Vendor } from "./vendor.ts";
import { isUnreadableChunk } from "./vendor-error.ts";

/** What reading a reply needs besides the reply. */
export interface ReplyContext {
  readonly vendor: Vendor;
  readonly model: string;
  readonly nowMs: () => number;
  /** How the bytes ended: what the SDKs do not pass on. */
  readonly ending: () => TransportEnding;
}

type ToolUse = Extract<ModelEvent, { kind: "tool_use" }>;

/**
 * Turns an SDK's stream (with raw chunks) into our events: text at once; tool calls, whole, once the reply is known to
 * be complete, so that a cut stream never yields one; exactly one event that ends it. Never throws.
 */
export async function* readReply(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  context: ReplyContext,
): AsyncGenerator<AttemptEvent> {
  const calls: ToolUse[] = [];
  const raw = new RawWatch();
  let hasText = false;
  try {
    for await (const part of stream) {
      if (part.type === "raw") raw.observe(part.rawValue);
      const error =
        raw.error ?? (part.type === "error" && !isUnreadableChunk(part.error) ? part.error : undefined);
      if (error !== undefined) throw error;
      if (part.type === "text-delta" && part.delta !== "") {
        hasText = true;
        yield { kind: "text", delta: part.delta };
      }
      if (part.type === "tool-call" && !part.providerExecuted) calls.push(toolUse(part));
      if (part.type === "finish") break;
    }
  } catch (error) {
    yield asEvent(troubleOf(error, { ...context, nowMs: context.nowMs() }), raw.usage.total());
    return;
  }
  const reason = raw.reason ?? (context.ending().sawDone ? "stop" : undefined);
  yield* conclude({ reason, calls, hasText, usage: raw.usage.total() }, context);
}

/** @returns the event that ends a try with this trouble. */
export function asEvent(trouble: Trouble, usage?: TokenUsage): AttemptEvent {
  const { failure, isTransient, retryAfterMs } = trouble;
  const told = usage === undefined ? { failure } : { failure, usage };
  if (!isTransient) return { kind: "failed", ...told };
  return { kind: "retryable", ...told, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Watches the vendor's own chunks for what the SDKs lose when a stream is irregular: reason, usage, errors. */
class RawWatch {
  readonly usage = new UsageTally();
  reason: string | undefined;
  error: unknown;

  observe(chunk: unknown): void {
    if (!isRecord(chunk)) return;
    this.error = chunk["error"] ?? undefined;
    this.usage.observe(chunk["usage"]);
    if (isRecord(chunk["message"])) this.usage.observe(chunk["message"]["usage"]);
    const choice = Array.isArray(chunk["choices"]) ? chunk["choices"][0] : undefined;
    const reason = isRecord(choice)
      ? choice["finish_reason"]
      : isRecord(chunk["delta"])
        ? chunk["delta"]["stop_reason"]
        : undefined;
    if (typeof reason === "string" && reason !== "") this.reason = reason;
  }
}

/** What the vendors' reasons mean; any other ends the turn (agent.md §4.3, §4.4). */
const outcomes: Readonly<Record<string, "max_tokens" | "content_filter" | "context_overflow">> = {
  max_tokens: "max_tokens",
  length: "max_tokens",
  refusal: "content_filter",
  content_filter: "content_filter",
  model_context_window_exceeded: "context_overflow",
};

interface Ending {
  readonly reason: string | undefined;
  readonly calls: readonly ToolUse[];
  readonly hasText: boolean;
  readonly usage: TokenUsage | undefined;
}

function* conclude(ending: Ending, context: ReplyContext): Generator<AttemptEvent> {
  const { reason, calls, hasText, usage } = ending;
  const subject = { ...context, nowMs: context.nowMs() };
  if (reason === undefined) {
    yield asEvent(
      troubleOf(
        context.ending().fault ??
          new TransportError("reset", "the stream ended before its end was announced"),
        subject,
      ),
      usage,
    );
    return;
  }
  const outcome = outcomes[reason];
  // A reply that filled the context is still a reply, cut short; without one there is nothing to keep.
  const isFailure =
    outcome === "content_filter" || (outcome === "context_overflow" && !hasText && calls.length === 0);
  if (isFailure) {
    yield { kind: "failed", failure: endedBecause(outcome, subject), ...(usage ? { usage } : {}) };
    return;
  }
  yield* calls;
  const stop = outcome !== undefined ? "max_tokens" : calls.length > 0 ? "tool_use" : "end_turn";
  yield { kind: "stop", reason: stop, usage: usage ?? { inputTokens: 0, outputTokens: 0 } };
}

function toolUse(part: {
  readonly toolCallId: string;
  readonly toolName: string;
  readonly input: string;
}): ToolUse {
  const head = { kind: "tool_use", id: part.toolCallId, name: part.toolName } as const;
  // Models leave the arguments of a tool without any empty.
  if (part.input.trim() === "") return { ...head, input: {} };
  try {
    const input: Json = JSON.parse(part.input);
    if (isRecord(input)) return { ...head, input };
  } catch {
    // Told below: text that is not JSON and JSON that is not an object are the same mistake.
  }
  return { ...head, input: {}, invalid: part.input };
}
