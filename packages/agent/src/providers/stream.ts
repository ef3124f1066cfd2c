import type { LanguageModelV4StreamPart, LanguageModelV4ToolCall } from "@ai-sdk/provider";
import { type BlockMetadata, isRecord, type Json, type TokenUsage } from "@carapace/protocol";
import type { ModelEvent } from "../types.ts";
import { endedBecause, type Trouble, troubleOf } from "./failures.ts";
import { RawWatch } from "./raw-watch.ts";
import type { AttemptEvent } from "./retry.ts";
import { outcomeOf } from "./stop-reasons.ts";
import type { TransportEnding } from "./transport.ts";
import { TransportError } from "./transport-error.ts";
import { noUsage } from "./usage.ts";
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
  const outcome = outcomeOf(reason);
  if (outcome === "malformed") {
    const unreadable = { message: `the reply ended with ${reason}`, type: "malformed_reply" };
    yield asEvent({ ...troubleOf(unreadable, subject), isTransient: true }, usage);
    return;
  }
  const isEmpty = !hasText && calls.length === 0;
  // A reply that filled the context is still a reply, cut short; without one there is nothing to keep.
  if (outcome === "content_filter" || (isEmpty && outcome === "context_overflow")) {
    yield { kind: "failed", failure: endedBecause(outcome, subject), ...(usage ? { usage } : {}) };
    return;
  }
  if (outcome === "declined" || outcome === "broken_off") {
    yield* declined(ending, outcome, subject);
    return;
  }
  yield* calls;
  const stop = outcome !== undefined ? "max_tokens" : calls.length > 0 ? "tool_use" : "end_turn";
  yield { kind: "stop", reason: stop, usage: usage ?? noUsage };
}

/** The words that came stay; calls of a reply that its vendor took back do not run (agent.md §4.5). */
function* declined(
  { hasText, usage }: Ending,
  outcome: "declined" | "broken_off",
  subject: Parameters<typeof endedBecause>[1],
): Generator<AttemptEvent> {
  if (hasText) {
    yield { kind: "stop", reason: "end_turn", usage: usage ?? noUsage };
    return;
  }
  const code = outcome === "declined" ? "content_filter" : "bad_response";
  yield { kind: "failed", failure: endedBecause(code, subject), ...(usage ? { usage } : {}) };
}

function toolUse(part: LanguageModelV4ToolCall): ToolUse {
  const metadata = metadataOf(part);
  const head = {
    ...({ kind: "tool_use", id: part.toolCallId, name: part.toolName } as const),
    ...(metadata === undefined ? {} : { metadata }),
  };
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

const maxSignatureBytes = 65_536;

/** Gemini's proof of its own thinking, which it wants back with the call; too large ones are left out (agent.md §4.5). */
function metadataOf({ providerMetadata }: LanguageModelV4ToolCall): BlockMetadata | undefined {
  const told = providerMetadata?.["google"] ?? providerMetadata?.["vertex"];
  const thoughtSignature = told?.["thoughtSignature"];
  const isKept =
    typeof thoughtSignature === "string" &&
    thoughtSignature !== "" &&
    Buffer.byteLength(thoughtSignature) <= maxSignatureBytes;
  return isKept ? { gemini: { thoughtSignature } } : undefined;
}
