import type { Json, StopReason, TokenUsage } from "@carapace/protocol";
import type { ModelEvent, ModelRequest, Provider, ProviderFailure } from "../src/types.ts";

/** One answer of a scripted model. A text alone is a whole reply. */
export type ScriptedReply =
  | string
  | {
      /** Streamed in these pieces. */
      readonly text?: string | readonly string[];
      readonly calls?: readonly {
        readonly id?: string;
        readonly name: string;
        readonly input?: Json;
        readonly invalid?: string;
      }[];
      /** Default: `tool_use` with calls, `end_turn` without. */
      readonly stop?: StopReason;
      readonly usage?: TokenUsage;
      readonly failed?: ProviderFailure;
      /** Ends without any last event, as a broken provider might. */
      readonly cut?: boolean;
      /** After the text: never goes on, and does not hear the signal. */
      readonly hang?: boolean;
      /** Awaited before anything else. */
      readonly before?: () => Promise<void> | void;
    }
  | ((request: ModelRequest) => ScriptedReply);

export interface ScriptedProvider extends Provider {
  /** What it was asked, in order. */
  readonly requests: readonly ModelRequest[];
}

/** A provider that gives these replies, one a call; the last one again when there are no more. It answers at once. */
export function scriptedProvider(replies: readonly ScriptedReply[]): ScriptedProvider {
  const requests: ModelRequest[] = [];
  return {
    id: "scripted",
    requests,
    complete(request, signal) {
      const reply = replies[Math.min(requests.length, replies.length - 1)] ?? "";
      requests.push(request);
      return play(reply, request, signal);
    },
  };
}

const oneToken: TokenUsage = { inputTokens: 10, outputTokens: 1 };

async function* play(
  reply: ScriptedReply,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  if (typeof reply === "function") return yield* play(reply(request), request, signal);
  if (typeof reply === "string") return yield* play({ text: reply }, request, signal);
  await reply.before?.();
  for (const delta of [reply.text ?? []].flat()) {
    if (signal.aborted) return;
    yield { kind: "text", delta };
  }
  for (const [index, call] of (reply.calls ?? []).entries()) {
    const invalid = call.invalid === undefined ? {} : { invalid: call.invalid };
    yield {
      kind: "tool_use",
      id: call.id ?? `call_${index}`,
      name: call.name,
      input: call.input ?? {},
      ...invalid,
    };
  }
  if (reply.hang === true) await new Promise(() => {});
  if (reply.cut === true) return;
  const usage = reply.usage ?? oneToken;
  if (reply.failed !== undefined) yield { kind: "failed", failure: reply.failed, usage };
  else
    yield {
      kind: "stop",
      reason: reply.stop ?? (reply.calls === undefined ? "end_turn" : "tool_use"),
      usage,
    };
}
