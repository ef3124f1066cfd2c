import type { Json, StopReason, TokenUsage, ToolUseBlock } from "@carapace/protocol";
import { createStreamRedactor, type StreamRedactor } from "../sanitize/redact-stream.ts";
import type { ModelEvent, ModelRequest, ModelSwitch, Provider, ProviderFailure } from "../types.ts";

/**
 * Of a reply's text and the arguments of its calls, which are kept in one message that a client must be able to read
 * back in one frame (websocket.md §9); no vendor's limit comes near these.
 */
const maxReplyBytes = 1024 * 1024;
const maxCalls = 64;

export interface StreamedCall extends ToolUseBlock {
  /** The text of arguments that are not JSON: the call is answered with an error, never run. */
  readonly invalid?: string;
}

/** What one model call gave; `text` (without secrets) and `calls` are what came before it ended. */
export interface Reply {
  readonly text: string;
  readonly calls: readonly StreamedCall[];
  readonly end: ReplyEnd;
  /** Who answered in place of the model that was asked. */
  readonly by?: ModelSwitch;
}

type ReplyEnd =
  | { readonly kind: "stop"; readonly reason: StopReason; readonly usage: TokenUsage }
  | { readonly kind: "failed"; readonly failure: ProviderFailure; readonly usage?: TokenUsage }
  | { readonly kind: "aborted" };

export interface ReplyListener {
  /** Cut out of the text, as is what looks like one. */
  readonly secrets: readonly string[];
  onText(delta: string): void;
  onSwitch?(other: ModelSwitch): void;
  onCall(call: StreamedCall): void;
  /** Ids in the context: one that comes again, or that another vendor would refuse, is replaced; results go by it. */
  readonly usedIds: Set<string>;
  readonly newId: () => string;
}

/** Reads one model call to its end. Never throws, and ends as soon as `signal` fires, even if the provider hangs. */
export async function callModel(
  call: { provider: Provider; request: ModelRequest; signal: AbortSignal },
  listener: ReplyListener,
): Promise<Reply> {
  const redactor = createStreamRedactor(listener.secrets);
  const gathered: Gathered = { redactor, text: [], bytes: 0, calls: [] };
  const end = await readEvents(call, (event) => gather(gathered, event, listener));
  show(gathered, redactor.flush(), listener);
  const { by, calls } = gathered;
  return { text: gathered.text.join(""), calls, end, ...(by === undefined ? {} : { by }) };
}

const tooLong = "The model's answer is longer than 1 MiB and was stopped.";

interface Gathered {
  readonly redactor: StreamRedactor;
  by?: ModelSwitch;
  readonly text: string[];
  bytes: number;
  readonly calls: StreamedCall[];
}

async function readEvents(
  call: { provider: Provider; request: ModelRequest; signal: AbortSignal },
  take: (event: ModelEvent) => ReplyEnd | undefined,
): Promise<ReplyEnd> {
  if (call.signal.aborted) return { kind: "aborted" };
  const aborted = Promise.withResolvers<"aborted">();
  const onAbort = () => aborted.resolve("aborted");
  call.signal.addEventListener("abort", onAbort, { once: true });
  const events = call.provider.complete(call.request, call.signal)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([events.next(), aborted.promise]);
      if (next === "aborted" || call.signal.aborted) return { kind: "aborted" };
      if (next.done === true)
        return badResponse("The model's answer ended before it was complete. Try again.");
      const end = take(next.value);
      if (end !== undefined) return end;
    }
  } catch (fault) {
    return badResponse("The model's answer could not be read. Try again.", String(fault));
  } finally {
    call.signal.removeEventListener("abort", onAbort);
    // Not awaited: a provider that hangs must not hold the turn.
    void Promise.resolve(events.return?.()).catch(() => undefined);
  }
}

function gather(gathered: Gathered, event: ModelEvent, listener: ReplyListener): ReplyEnd | undefined {
  switch (event.kind) {
    case "switched":
      gathered.by = event;
      listener.onSwitch?.(event);
      return undefined;
    case "text": {
      if (event.delta === "") return undefined;
      gathered.bytes += Buffer.byteLength(event.delta);
      if (gathered.bytes > maxReplyBytes) return badResponse(tooLong);
      show(gathered, gathered.redactor.take(event.delta), listener);
      return undefined;
    }
    case "tool_use": {
      if (gathered.calls.length >= maxCalls)
        return badResponse("The model asked for more than 64 tools at once.");
      gathered.bytes += Buffer.byteLength(event.name + JSON.stringify(event.input));
      if (gathered.bytes > maxReplyBytes) return badResponse(tooLong);
      const call = streamedCall(event, listener);
      gathered.calls.push(call);
      show(gathered, gathered.redactor.flush(), listener);
      listener.onCall(call);
      return undefined;
    }
    case "stop":
      return { kind: "stop", reason: event.reason, usage: event.usage };
    case "failed":
      return {
        kind: "failed",
        failure: event.failure,
        ...(event.usage === undefined ? {} : { usage: event.usage }),
      };
  }
}

function show(gathered: Gathered, delta: string, listener: ReplyListener): void {
  if (delta === "") return;
  gathered.text.push(delta);
  listener.onText(delta);
}

function streamedCall(
  event: Extract<ModelEvent, { kind: "tool_use" }>,
  listener: ReplyListener,
): StreamedCall {
  const isUsable = /^[\w-]{1,64}$/.test(event.id) && !listener.usedIds.has(event.id);
  const id = isUsable ? event.id : `call_${listener.newId()}`;
  listener.usedIds.add(id);
  const input: Json = event.invalid === undefined ? event.input : {};
  const { metadata } = event;
  const call = {
    ...({ type: "tool_use", id, name: event.name, input } as const),
    ...(metadata === undefined ? {} : { metadata }),
  };
  return event.invalid === undefined ? call : { ...call, invalid: event.invalid };
}

function badResponse(say: string, detail?: string): ReplyEnd {
  const failure = { code: "bad_response", say, ...(detail === undefined ? {} : { detail }) } as const;
  return { kind: "failed", failure };
}
