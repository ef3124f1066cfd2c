import { z } from "zod";
import { StopReason } from "../content.ts";

const RunUsage = z.object({ inputTokens: z.number(), outputTokens: z.number() });
const ContentPolicy = z.object({ csp: z.string() });
/** What every `agent` event carries; `seq` counts from 0 within the run, shared with its `chat` events. */
const run = { runId: z.string(), seq: z.int().min(0), ts: z.number() };

function stream<const S extends string, D extends z.ZodType>(name: S, data: D) {
  return z.object({ ...run, stream: z.literal(name), data });
}

/** In place of an event whose frame would have been too big (websocket.md §10.2). */
export const Truncation = z.object({
  truncated: z.literal(true),
  reason: z.string(),
  originalFrameBytesAtLeast: z.number(),
  maxFrameBytes: z.number(),
});
export type Truncation = z.infer<typeof Truncation>;

const toolUse = { toolUseId: z.string(), name: z.string() };

/** What a turn does, for clients that follow its steps (websocket.md §10.3). The last three streams end a run. */
export const AgentEvent = z.discriminatedUnion("stream", [
  stream("started", z.object({ sessionKey: z.string(), model: z.string() })),
  stream("text", z.object({ delta: z.string() })),
  stream("tool_use", z.object({ ...toolUse, input: z.unknown() })),
  stream("tool_use_cancelled", z.object({ ...toolUse, reason: z.string().optional() })),
  stream("tool_result", z.object({ ...toolUse, result: z.string(), isError: z.boolean() })),
  stream("error", z.object({ message: z.string() })),
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
  stream: z.string(),
  data: Truncation,
  ...Truncation.shape,
});
export type TruncatedAgentEvent = z.infer<typeof TruncatedAgentEvent>;

const chat = { runId: z.string(), sessionKey: z.string(), seq: z.int().min(0) };
const ChatMessage = z.object({
  /** `user` on the event that repeats an accepted message; absent or `assistant` on the reply's. */
  role: z.string().optional(),
  content: z.string(),
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
  z.object({ ...chat, state: z.literal("error"), errorMessage: z.string() }),
  z.object({
    ...chat,
    state: z.literal("aborted"),
    message: ChatMessage.optional(),
    stopReason: z.string().optional(),
  }),
]);
export type ChatEvent = z.infer<typeof ChatEvent>;
