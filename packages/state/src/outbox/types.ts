import { z } from "zod";

/** One piece of what is sent (channels.md §1.9). */
export const OutboxPart = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({
    type: z.literal("media"),
    caption: z.string().exactOptional(),
    mediaRef: z.string(),
    mimeType: z.string().exactOptional(),
  }),
]);
export type OutboxPart = z.infer<typeof OutboxPart>;

/** `queued` and `sending` are on their way; the others are ends. */
export const OutboxStatus = z.enum(["queued", "sending", "sent", "failed", "cancelled", "expired"]);
export type OutboxStatus = z.infer<typeof OutboxStatus>;

/** A message on its way out, or at its end, with the proof of it (channels.md §1.9). Times are Unix ms. */
export const OutboxMessage = z.looseObject({
  id: z.string().min(1).max(255),
  /** Order of arrival; a channel sends in this order. */
  seq: z.int().min(1),
  channel: z.string().min(1),
  /** Who gets it, as the channel names it: a chat, a room, a number, an address. */
  to: z.string(),
  parts: z.array(OutboxPart).min(1),
  replyTo: z.string().exactOptional(),
  threadId: z.string().exactOptional(),
  /** What it is about: `run`, `cron`, `task`, `hook`, `send`, `tool`, and its id. */
  source: z.object({ kind: z.string(), id: z.string().exactOptional() }),
  /** The same again is the same message. */
  idempotencyKey: z.string().max(255).exactOptional(),
  status: OutboxStatus,
  attempts: z.int().min(0),
  maxAttempts: z.int().min(1),
  nextAttemptAtMs: z.int().exactOptional(),
  /** Not sent after this. */
  expiresAtMs: z.int().exactOptional(),
  createdAtMs: z.int(),
  updatedAtMs: z.int(),
  /** How many parts have gone out: a further attempt begins behind them. */
  partsSent: z.int().min(0),
  /** The channel's word that it has it. */
  receipt: z
    .object({
      messageId: z.string().exactOptional(),
      conversationId: z.string().exactOptional(),
      atMs: z.int(),
    })
    .exactOptional(),
  /** Why the last attempt failed, for a person; no address, no secret. */
  lastError: z.string().exactOptional(),
});
export type OutboxMessage = z.infer<typeof OutboxMessage>;

/** What its producer says of a message; the rest is the outbox's own. */
export type NewOutboxMessage = Pick<OutboxMessage, "channel" | "to" | "parts" | "source"> & {
  readonly replyTo?: string;
  readonly threadId?: string;
  readonly idempotencyKey?: string;
  /** 1 if absent. */
  readonly maxAttempts?: number;
  readonly ttlMs?: number;
};

export interface OutboxFilter {
  readonly status?: OutboxStatus;
  readonly channel?: string;
  readonly limit?: number;
}

/** Messages on their way out (channels.md §1.9). The rules live in the outbox of `channels`. */
export interface OutboxRepository {
  /** Durable before it returns; one with a known `idempotencyKey` changes nothing. */
  add(
    message: NewOutboxMessage,
    facts: { readonly id: string; readonly nowMs: number },
  ): Promise<{ readonly kind: "added" | "duplicate"; readonly message: OutboxMessage }>;
  find(id: string): Promise<OutboxMessage | undefined>;
  findByKey(idempotencyKey: string): Promise<OutboxMessage | undefined>;
  /** Newest first. */
  list(filter: OutboxFilter): Promise<OutboxMessage[]>;
  /** Queued ones of a channel, in order, whatever their time. */
  queued(channel: string, limit: number): Promise<OutboxMessage[]>;
  /** Channels something is queued for. */
  channels(): Promise<string[]>;
  /** How many are on their way, of one channel or of all. */
  pending(channel?: string): Promise<number>;
  /** Of a status, in order: what an earlier process was sending, say. */
  withStatus(status: OutboxStatus): Promise<OutboxMessage[]>;
  save(message: OutboxMessage): Promise<void>;
  /** Forgets ended ones last changed before then. @returns how many. */
  prune(updatedBeforeMs: number): Promise<number>;
}
