import { z } from "zod";
import { StopReason } from "../content.ts";
import { Anything, Bool, MaybeText, Num, Text, True } from "../scalars.ts";

const RunUsage = z.object({ inputTokens: Num, outputTokens: Num });
const ContentPolicy = z.object({ csp: Text });
/** What every `agent` event carries; `seq` counts from 0 within the run, shared with its `chat` events. */
const run = { runId: Text, seq: z.int().min(0), ts: Num };

function stream<const S extends string, D extends z.ZodType>(name: S, data: D) {
  return z.object({ ...run, stream: z.literal(name), data });
}

/** In place of an event whose frame would have been too big (websocket.md §10.2). */
export const Truncation = z.object({
  truncated: True,
  reason: Text,
  originalFrameBytesAtLeast: Num,
  maxFrameBytes: Num,
});
export type Truncation = z.infer<typeof Truncation>;

const toolUse = { toolUseId: Text, name: Text };

/** What a turn does, for clients that follow its steps (websocket.md §10.3). The last three streams end a run. */
export const AgentEvent = z.discriminatedUnion("stream", [
  stream("started", z.object({ sessionKey: Text, model: Text })),
  stream("failover", z.object({ from: Text, model: Text, reason: Text })),
  stream("text", z.object({ delta: Text })),
  stream("tool_use", z.object({ ...toolUse, input: Anything })),
  stream("tool_use_cancelled", z.object({ ...toolUse, reason: MaybeText })),
  stream("tool_result", z.object({ ...toolUse, result: Text, isError: Bool })),
  stream("error", z.object({ message: Text })),
  stream("cancelled", z.object({})),
  stream(
    "complete",
    z.object({ stopReason: StopReason, usage: RunUsage, contentPolicy: ContentPolicy.optional() }),
  ),
]);
export type AgentEvent = z.infer<typeof AgentEvent>;

/** An `agent` event cut down to the frame cap: its data are the truncation's own. */
export const TruncatedAgentEvent = z.object({
  ...run,
  stream: Text,
  data: Truncation,
  ...Truncation.shape,
});
export type TruncatedAgentEvent = z.infer<typeof TruncatedAgentEvent>;

const chat = { runId: Text, sessionKey: Text, seq: z.int().min(0) };
const ChatMessage = z.object({
  /** `user` on the event that repeats an accepted message; absent or `assistant` on the reply's. */
  role: MaybeText,
  content: Text,
  contentPolicy: ContentPolicy.optional(),
});

/** What a turn says, for clients that show a conversation (websocket.md §10.3). All but `delta` end a run. */
export const ChatEvent = z.discriminatedUnion("state", [
  z.object({ ...chat, state: z.literal("delta"), message: ChatMessage }),
  z.object({
    ...chat,
    state: z.literal("final"),
    message: ChatMessage,
    usage: RunUsage.optional(),
    stopReason: StopReason.optional(),
  }),
  z.object({ ...chat, state: z.literal("error"), errorMessage: Text }),
  z.object({
    ...chat,
    state: z.literal("aborted"),
    message: ChatMessage.optional(),
    stopReason: MaybeText,
  }),
]);
export type ChatEvent = z.infer<typeof ChatEvent>;
