import { once } from "@carapace/protocol";
import { z } from "zod";

/** One piece of what is sent (channels.md §1.9). */
const outboxPart = once(() =>
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("text"), text: z.string() }),
    z.object({
      type: z.literal("media"),
      caption: z.string().exactOptional(),
      mediaRef: z.string(),
      mimeType: z.string().exactOptional(),
    }),
  ]),
);
export type OutboxPart = z.infer<ReturnType<typeof outboxPart>>;

/** `queued` and `sending` are on their way; the others are ends. */
export const OutboxStatus = z.enum(["queued", "sending", "sent", "failed", "cancelled", "expired"]);
export type OutboxStatus = z.infer<typeof OutboxStatus>;

/** A message on its way out, or at its end, with the proof of it (channels.md §1.9). Times are Unix ms. */
export const outboxMessage = once(() =>
  z.looseObject({
    id: z.string().min(1).max(255),
    /** Order of arrival; a channel sends in this order. */
    seq: z.int().min(1),
    channel: z.string().min(1),
    /** Who gets it, as the channel names it: a chat, a room, a number, an address. */
    to: z.string(),
    parts: z.array(outboxPart()).min(1),
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
    /** How often the process ended in the middle of an attempt; such an attempt is not counted. */
    interruptions: z.int().min(0).exactOptional(),
    /** Since when the part to be sent next may have arrived, of an attempt that nobody knows the end of. */
    uncertainSinceMs: z.int().exactOptional(),
    /** Nobody knows whether the failed attempt delivered it: sent again, it may arrive twice. */
    mayHaveGoneOut: z.boolean().exactOptional(),
  }),
);
export type OutboxMessage = z.infer<ReturnType<typeof outboxMessage>>;

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

/** What became of a message that was to be added. */
export type AddedMessage =
  | { readonly kind: "added" | "duplicate"; readonly message: OutboxMessage }
  | { readonly kind: "full" };

/** How long ended messages are kept. */
export interface OutboxKept {
  /** Sent, cancelled and expired ones that ended before then are forgotten. */
  readonly endedBeforeMs: number;
  /** Failed ones that ended before then are forgotten. */
  readonly failedBeforeMs: number;
  /** Of failed ones the newest so many are kept. */
  readonly maxFailed: number;
}

/** What says when a message's turn is. Not verified: what is read to be sent is. */
export type WaitingMessage = Pick<
  OutboxMessage,
  "id" | "seq" | "channel" | "to" | "nextAttemptAtMs" | "expiresAtMs"
>;

/** Messages on their way out (channels.md §1.9). The rules live in the outbox of `channels`. */
export interface OutboxRepository {
  /**
   * Durable before it returns. One whose `idempotencyKey` stands for another message changes nothing: it does so while
   * that one is on its way, and 24 h longer.
   */
  add(
    message: NewOutboxMessage,
    facts: { readonly id: string; readonly nowMs: number; readonly maxPending?: number },
  ): Promise<AddedMessage>;
  find(id: string): Promise<OutboxMessage | undefined>;
  findByKey(idempotencyKey: string, nowMs: number): Promise<OutboxMessage | undefined>;
  /** Newest first. */
  list(filter: OutboxFilter): Promise<OutboxMessage[]>;
  /** How many there are of each status. */
  counts(): Promise<ReadonlyMap<OutboxStatus, number>>;
  /** Queued ones of a channel, in order, whatever their time; without what they say, which may be much. */
  queued(channel: string): Promise<WaitingMessage[]>;
  /** Channels something is queued for. */
  channels(): Promise<string[]>;
  /** How many are on their way, of one channel or of all. */
  pending(channel?: string): Promise<number>;
  /** Of a status, in order: what an earlier process was sending, say. */
  withStatus(status: OutboxStatus): Promise<OutboxMessage[]>;
  save(message: OutboxMessage): Promise<void>;
  /**
   * Reads, decides and writes in one transaction. @param decide Gives what it shall be, or undefined to leave it;
   * `nextSeq` puts it behind all others. @returns what was written.
   */
  change(
    id: string,
    decide: (message: OutboxMessage, nextSeq: () => number) => OutboxMessage | undefined,
  ): Promise<OutboxMessage | undefined>;
  /** Forgets ended ones, some hundred at a time, but for those that do not verify. @returns how many. */
  prune(kept: OutboxKept): Promise<number>;
  /** Forgets all. @returns how many there were. */
  clear(): Promise<number>;
}
