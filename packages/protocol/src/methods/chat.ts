import { z } from "zod";
import { isRecord } from "../json.ts";
import { MessageView } from "../session-view.ts";
import { clamped, flag, lenient, methods, optionalText, required } from "./contract.ts";
import { metadataParams, sessionParams } from "./metadata-params.ts";

/** What starts a turn, in either of its two methods. */
const turnParams = {
  ...metadataParams,
  message: required("message"),
  /** Becomes the run's id. */
  idempotencyKey: required("idempotencyKey").max(255, "idempotencyKey must be at most 255 characters"),
  stream: flag(true),
  to: optionalText(),
  venice_parameters: lenient(z.record(z.string(), z.unknown()).refine(isRecord)),
};

const AgentParams = z.object({
  ...turnParams,
  sessionKey: optionalText(),
  system: optionalText(),
  deliver: flag(false),
});

const ChatSendParams = z.object({ ...turnParams, ...sessionParams, triggerAgent: flag(true) });

/** How an ended run came out, as replays and waits tell it. */
const outcome = {
  response: z.string().optional(),
  error: z.string().optional(),
};

/** The answer to a request whose idempotency key names a run that is known (websocket.md §11); nothing was done. */
export const DuplicateRun = z.object({
  runId: z.string(),
  status: z.enum(["queued", "running", "completed", "failed", "cancelled"]),
  sessionKey: z.string(),
  duplicate: z.literal(true),
  streaming: z.boolean(),
  ...outcome,
});
export type DuplicateRun = z.infer<typeof DuplicateRun>;

const AgentAccepted = z.object({
  runId: z.string(),
  status: z.literal("accepted"),
  message: z.string(),
  sessionKey: z.string(),
  streaming: z.boolean(),
});

const ChatAccepted = z.object({
  /** Null if no run was started. */
  runId: z.string().nullable(),
  messageId: z.string(),
  /** `accepted`: a run was started; `sent`: none was asked for; `queued`: none could be started. */
  status: z.enum(["accepted", "sent", "queued"]),
  sessionKey: z.string(),
  agentTriggered: z.boolean(),
  streaming: z.boolean(),
});

const AgentWaitResult = z.object({
  runId: z.string(),
  status: z.enum(["ok", "error", "timeout"]),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  ...outcome,
});

/** Turns of the assistant (websocket.md §12.3). */
export const chatMethods = methods({
  agent: {
    access: "write",
    summary: "Send a message to an agent and run its turn",
    params: AgentParams,
    result: z.union([DuplicateRun, AgentAccepted]),
  },
  "agent.wait": {
    access: "write",
    summary: "Wait until a run has ended",
    params: z.object({ runId: required("runId"), timeoutMs: clamped(120_000, 0, 600_000) }),
    result: AgentWaitResult,
  },
  "chat.send": {
    access: "write",
    summary: "Send a chat message to a session",
    params: ChatSendParams,
    result: z.union([DuplicateRun, ChatAccepted]),
  },
  "chat.history": {
    access: "read",
    summary: "Read a session's newest messages",
    params: z.object({ ...sessionParams, limit: clamped(200, 1, 1000) }),
    result: z.object({
      sessionKey: z.string(),
      sessionId: z.string(),
      messages: z.array(MessageView),
      thinkingLevel: z.string(),
    }),
  },
  "chat.abort": {
    access: "write",
    summary: "Stop a run, or all runs of a session",
    params: z.object({ ...sessionParams, runId: optionalText(), reason: optionalText() }),
    result: z.object({
      ok: z.literal(true),
      aborted: z.boolean(),
      sessionKey: z.string().nullable(),
      runIds: z.array(z.string()),
      reason: z.string().nullable(),
    }),
  },
});
