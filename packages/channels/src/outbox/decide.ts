import type { OutboxMessage } from "@carapace/state";
import type { Channel, DeliveryResult } from "../adapter.ts";
import { type Backoff, waitMs } from "./backoff.ts";
import { maxInterruptions } from "./limits.ts";

/** What the outcome of an attempt is judged by. */
export interface Judging {
  readonly channel: Pick<Channel, "dedupes">;
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
  const { nextAttemptAtMs: _, lastError: __, mayHaveGoneOut: ___, ...rest } = message;
  const attempted = { ...rest, updatedAtMs: nowMs };
  if (result.ok) {
    const { messageId, conversationId } = result;
    const receipt = {
      ...(messageId === undefined ? {} : { messageId }),
      ...(conversationId === undefined ? {} : { conversationId }),
      atMs: nowMs,
    };
    return { ...attempted, status: "sent", partsSent: message.parts.length, receipt };
  }
  const { retryability, mayHaveArrived = false } = result;
  const lastError = shown(result.error);
  const uncertain = mayHaveArrived && !channel.dedupes;
  if (retryability.kind === "transient" && message.attempts < message.maxAttempts && !uncertain) {
    const { retryAfterMs } = retryability;
    const nextAttemptAtMs = nowMs + waitMs({ attempts: message.attempts, retryAfterMs }, random, backoff);
    return { ...attempted, status: "queued", lastError, nextAttemptAtMs };
  }
  return {
    ...attempted,
    status: "failed",
    lastError: uncertain ? `${lastError}. ${mayHaveGoneOutSay(message.id)}` : lastError,
    ...(mayHaveArrived ? { mayHaveGoneOut: true } : {}),
  };
}

/**
 * Pure. What becomes of a message whose attempt the process did not survive: where the receiver drops repetitions it is
 * sent again with the same key; elsewhere it fails, because it may have gone out.
 */
export function afterInterruption(
  message: OutboxMessage,
  channel: Pick<Channel, "dedupes"> | undefined,
  nowMs: number,
): OutboxMessage {
  const interruptions = (message.interruptions ?? 0) + 1;
  const attempted = { ...message, updatedAtMs: nowMs, interruptions };
  if (channel?.dedupes === true && interruptions < maxInterruptions)
    return { ...attempted, status: "queued", attempts: Math.max(0, message.attempts - 1) };
  const why =
    channel?.dedupes === true
      ? `The gateway ended ${interruptions} times while it was being sent.`
      : "The gateway ended while it was being sent.";
  return {
    ...attempted,
    status: "failed",
    lastError: `${why} ${mayHaveGoneOutSay(message.id)}`,
    mayHaveGoneOut: true,
  };
}

/** Pure. An attempt that a stop cut off is none. */
export function unattempted(message: OutboxMessage, nowMs: number): OutboxMessage {
  return { ...message, status: "queued", attempts: Math.max(0, message.attempts - 1), updatedAtMs: nowMs };
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

function mayHaveGoneOutSay(id: string): string {
  return `It may have gone out: look at the other end, then send it again with cara outbox retry ${id}, or not.`;
}

/** An address may hold a token. */
function shown(error: string): string {
  return error.replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, "[address]").slice(0, maxErrorChars);
}
