import { z } from "zod";
import { bounded } from "../bounded.ts";
import { isRecord } from "../json.ts";
import { Anything, Bool, MaybeText, NullableNum, NullableText, Text, Texts, True } from "../scalars.ts";
import { MessageView } from "../session-view.ts";
import {
  clamped,
  defaultFalse,
  defaultTrue,
  lenient,
  methods,
  optionalKey,
  optionalText,
  required,
  requiredKey,
} from "./contract.ts";
import { metadataParams, type SessionNames, sessionParams } from "./metadata-params.ts";

/** What starts a turn, in either of its two methods. */
const turnParams = () => ({
  ...metadataParams,
  message: required("message"),
  /** Becomes the run's id. */
  idempotencyKey: requiredKey("idempotencyKey").max(255, "idempotencyKey must be at most 255 characters"),
  stream: defaultTrue,
  to: optionalKey("to"),
  venice_parameters: bounded(
    lenient(z.record(Text, Anything).refine(isRecord)),
    { maxItems: 256, maxChars: 256 },
    "venice_parameters must have at most 256 entries with names of at most 256 characters",
  ).optional(),
});

/** What `agent` and `chat.send` have in common (websocket.md §12.3), and what only one of them takes. */
export type TurnParams = z.output<z.ZodObject<ReturnType<typeof turnParams>>> &
  SessionNames &
  Partial<Pick<z.output<ReturnType<typeof AgentParams>>, "system" | "deliver">>;

const AgentParams = () =>
  z.object({
    ...turnParams(),
    sessionKey: optionalKey("sessionKey"),
    system: optionalText,
    deliver: defaultFalse,
  });

const ChatSendParams = () => z.object({ ...turnParams(), ...sessionParams, triggerAgent: defaultTrue });

/** How an ended run came out, as replays and waits tell it. */
const outcome = {
  response: MaybeText,
  error: MaybeText,
};

/** The answer to a request whose idempotency key names a run that is known (websocket.md §11); nothing was done. */
export const DuplicateRun = z.object({
  runId: Text,
  status: z.enum(["queued", "running", "completed", "failed", "cancelled"]),
  sessionKey: Text,
  duplicate: True,
  streaming: Bool,
  ...outcome,
});
export type DuplicateRun = z.infer<typeof DuplicateRun>;

const AgentAccepted = () =>
  z.object({
    runId: Text,
    status: z.literal("accepted"),
    message: Text,
    sessionKey: Text,
    streaming: Bool,
  });

const ChatAccepted = () =>
  z.object({
    /** Null if no run was started. */
    runId: NullableText,
    messageId: Text,
    /** `accepted`: a run was started; `sent`: none was asked for; `queued`: none could be started. */
    status: z.enum(["accepted", "sent", "queued"]),
    sessionKey: Text,
    agentTriggered: Bool,
    streaming: Bool,
  });

const AgentWaitResult = () =>
  z.object({
    runId: Text,
    status: z.enum(["ok", "error", "timeout"]),
    startedAt: NullableNum,
    endedAt: NullableNum,
    ...outcome,
  });

/** Turns of the assistant (websocket.md §12.3). */
export const chatMethods = methods({
  agent: {
    access: "write",
    summary: "Send a message to an agent and run its turn",
    params: AgentParams,
    result: () => z.union([DuplicateRun, AgentAccepted()]),
  },
  "agent.wait": {
    access: "write",
    summary: "Wait until a run has ended",
    params: () => z.object({ runId: requiredKey("runId"), timeoutMs: clamped(120_000, 0, 600_000) }),
    result: AgentWaitResult,
  },
  "chat.send": {
    access: "write",
    summary: "Send a chat message to a session",
    params: ChatSendParams,
    result: () => z.union([DuplicateRun, ChatAccepted()]),
  },
  "chat.history": {
    access: "read",
    summary: "Read a session's newest messages",
    params: () => z.object({ ...sessionParams, limit: clamped(200, 1, 1000) }),
    result: () =>
      z.object({
        sessionKey: Text,
        sessionId: Text,
        messages: z.array(MessageView),
        thinkingLevel: Text,
        /** Why the session is only to be read: a stored record of it does not verify. Our own. */
        damage: MaybeText,
      }),
  },
  "chat.abort": {
    access: "write",
    summary: "Stop a run, or all runs of a session",
    params: () => z.object({ ...sessionParams, runId: optionalKey("runId"), reason: optionalText }),
    result: () =>
      z.object({
        ok: True,
        aborted: Bool,
        sessionKey: NullableText,
        runIds: Texts,
        reason: NullableText,
      }),
  },
});
