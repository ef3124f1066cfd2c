import { z } from "zod";
import { MaybeNum, MaybeText, Num, Text, True } from "../scalars.ts";
import { clamped, lenient, methods, optionalKey, requiredKey } from "./contract.ts";

const statuses = ["queued", "sending", "sent", "failed", "cancelled", "expired"] as const;

/** A message on its way out, or at its end. Times are Unix ms. */
const OutboxMessageView = () =>
  z.object({
    id: Text,
    channel: Text,
    to: Text,
    status: z.enum(statuses),
    /** The beginning of its text. */
    preview: Text,
    parts: Num,
    partsSent: Num,
    attempts: Num,
    maxAttempts: Num,
    createdAtMs: Num,
    updatedAtMs: Num,
    nextAttemptAtMs: MaybeNum,
    expiresAtMs: MaybeNum,
    source: z.object({ kind: Text, id: MaybeText }),
    receipt: z.object({ messageId: MaybeText, conversationId: MaybeText, atMs: Num }).optional(),
    lastError: MaybeText,
    /** Why it is not tried now, though its time has come: how its channel is. */
    waitsFor: MaybeText,
    /** Nobody knows whether the failed attempt delivered it. */
    mayHaveGoneOut: z.boolean().optional(),
  });

const OneMessage = () => z.object({ ok: True, message: OutboxMessageView() });
const ById = () => z.object({ id: requiredKey("id") });

/** Messages on their way out: methods of this gateway's own (`docs/deliver-messages.md`). */
export const outboxMethods = methods({
  "outbox.list": {
    access: "read",
    summary: "List messages on their way out, newest first",
    params: () =>
      z.object({
        /** Only this one. */
        id: optionalKey("id"),
        status: lenient(z.enum(statuses)),
        channel: optionalKey("channel"),
        limit: clamped(100, 1, 500),
      }),
    result: () =>
      z.object({
        messages: z.array(OutboxMessageView()),
        /** How many there are of each status, of all channels. */
        counts: z.record(z.enum(statuses), Num),
      }),
  },
  "outbox.retry": {
    access: "admin",
    summary: "Send a message again that failed, expired or was dropped",
    params: ById,
    result: OneMessage,
  },
  "outbox.drop": {
    access: "admin",
    summary: "Take a message out that waits or failed",
    params: ById,
    result: OneMessage,
  },
});
