import type { OutboxMessage } from "@carapace/state";
import type { DeliveryResult } from "../adapter.ts";
import { type Backoff, waitMs } from "./backoff.ts";
import { maxInterruptions } from "./limits.ts";
import { type Deduping, mayHaveGoneOutSay, mayRepeat, uncertain } from "./repeat.ts";

/** What the outcome of an attempt is judged by. */
export interface Judging {
  readonly channel: Deduping;
  readonly backoff: Backoff;
  readonly nowMs: number;
  /** 0 up to 1. */
  readonly random: number;
}

const maxErrorChars = 300;

/** Pure. What a message becomes after an attempt. */
export function afterAttempt(
  message: OutboxMessage,
  result: DeliveryResult,
  { channel, backoff, nowMs, random }: Judging,
): OutboxMessage {
  const { nextAttemptAtMs: _, lastError: __, mayHaveGoneOut: ___, ...attempted } = message;
  if (result.ok) {
    const { messageId, conversationId } = result;
    const receipt = {
      ...(messageId === undefined ? {} : { messageId }),
      ...(conversationId === undefined ? {} : { conversationId }),
      atMs: nowMs,
    };
    const { uncertainSinceMs: ____, ...sent } = attempted;
    return { ...sent, updatedAtMs: nowMs, status: "sent", partsSent: message.parts.length, receipt };
  }
  const { retryability, mayHaveArrived = false } = result;
  const lastError = shown(result.error);
  const after = { ...(mayHaveArrived ? uncertain(attempted) : attempted), updatedAtMs: nowMs };
  const asked = retryability.kind === "transient" ? retryability.retryAfterMs : undefined;
  const nextAttemptAtMs =
    nowMs + waitMs({ attempts: message.attempts, retryAfterMs: asked }, random, backoff);
  const isSafe = mayRepeat(after, channel, nextAttemptAtMs);
  if (retryability.kind === "transient" && message.attempts < message.maxAttempts && isSafe)
    return { ...after, status: "queued", lastError, nextAttemptAtMs };
  const isOpen = after.uncertainSinceMs !== undefined;
  const isKnownForGood = mayRepeat(after, channel, Number.POSITIVE_INFINITY);
  return {
    ...after,
    status: "failed",
    lastError: isKnownForGood ? lastError : `${lastError}. ${mayHaveGoneOutSay(message.id)}`,
    ...(isOpen ? { mayHaveGoneOut: true } : {}),
  };
}

/**
 * Pure. What becomes of a message whose attempt the process did not survive: where the receiver drops repetitions it is
 * sent again with the same key; elsewhere it fails, because it may have gone out.
 */
export function afterInterruption(
  message: OutboxMessage,
  channel: Deduping | undefined,
  nowMs: number,
): OutboxMessage {
  const interruptions = (message.interruptions ?? 0) + 1;
  const attempted = { ...uncertain(message), updatedAtMs: nowMs, interruptions };
  const isSafe = channel !== undefined && mayRepeat(attempted, channel, nowMs);
  if (isSafe && interruptions < maxInterruptions)
    return { ...attempted, status: "queued", attempts: Math.max(0, message.attempts - 1) };
  const why = isSafe
    ? `The gateway ended ${interruptions} times while it was being sent.`
    : "The gateway ended while it was being sent.";
  return {
    ...attempted,
    status: "failed",
    lastError: `${why} ${mayHaveGoneOutSay(message.id)}`,
    mayHaveGoneOut: true,
  };
}

/** Pure. One that may have arrived and waited longer than its receiver knows a repetition. */
export function tooLateToRepeat(message: OutboxMessage, nowMs: number): OutboxMessage {
  const { lastError = "The last attempt was not answered" } = message;
  const say = `${lastError.replace(/\.$/, "")}. ${mayHaveGoneOutSay(message.id)}`;
  return { ...ended(message, { status: "failed", say, nowMs }), mayHaveGoneOut: true };
}

/** Pure. An attempt that a stop cut off is none; its message may have arrived all the same. */
export function unattempted(message: OutboxMessage, nowMs: number): OutboxMessage {
  return {
    ...uncertain(message),
    status: "queued",
    attempts: Math.max(0, message.attempts - 1),
    updatedAtMs: nowMs,
  };
}

/** Pure. What a message becomes that is to be sent again from the beginning of its attempts; parts that went out stay so. */
export function afresh(
  message: OutboxMessage,
  { seq, nowMs }: { seq: number; nowMs: number },
): OutboxMessage {
  const {
    nextAttemptAtMs: _,
    lastError: __,
    mayHaveGoneOut: ___,
    expiresAtMs: ____,
    interruptions: _____,
    uncertainSinceMs: ______,
    ...rest
  } = message;
  return { ...rest, seq, status: "queued", attempts: 0, updatedAtMs: nowMs };
}

/** Pure. One that is not sent any more, and why. */
export function ended(
  message: OutboxMessage,
  end: { readonly status: "failed" | "cancelled" | "expired"; readonly say?: string; readonly nowMs: number },
): OutboxMessage {
  const { nextAttemptAtMs: _, ...rest } = message;
  const { status, say, nowMs } = end;
  return { ...rest, status, updatedAtMs: nowMs, ...(say === undefined ? {} : { lastError: say }) };
}

/** An address may hold a token. */
function shown(error: string): string {
  return error.replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, "[address]").slice(0, maxErrorChars);
}
