import { integer } from "../database/row.ts";
import { Documents } from "../integrity/documents.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { type AddedMessage, type NewOutboxMessage, type OutboxMessage, outboxMessage } from "./types.ts";

/** How long a key stands for the message that it was first used for (channels.md §1.9). */
const keyKeptMs = 24 * 3_600_000;

/** Numbers above it are no order of arrival: whatever a damaged row says, the next message gets a number. */
const maxSeq = 2 ** 52;

export function outboxDocuments(deps: SealedDeps): Documents<OutboxMessage> {
  return new Documents(deps, {
    table: "outbox",
    name: "outgoing message",
    schema: outboxMessage,
    pages: 64,
  });
}

export interface AddFacts {
  readonly id: string;
  readonly nowMs: number;
  /** So many of its channel may be on their way; with that many, nothing is added. Absent: no limit. */
  readonly maxPending?: number;
}

/** The outbox inside of somebody else's transaction. */
export class OutboxTable {
  readonly documents: Documents<OutboxMessage>;
  readonly #deps: SealedDeps;

  constructor(deps: SealedDeps) {
    this.#deps = deps;
    this.documents = outboxDocuments(deps);
  }

  add(message: NewOutboxMessage, { id, nowMs, maxPending }: AddFacts): AddedMessage {
    const { idempotencyKey } = message;
    const known = idempotencyKey === undefined ? undefined : this.findByKey(idempotencyKey, nowMs);
    if (known !== undefined) return { kind: "duplicate", message: known };
    if (maxPending !== undefined && this.pending(message.channel) >= maxPending) return { kind: "full" };
    const added = queuedMessage(message, { id, seq: this.nextSeq(), nowMs });
    this.documents.save(id, added);
    return { kind: "added", message: added };
  }

  /** The one that the key stands for: it is on its way, or ended within 24 h. */
  findByKey(key: string, nowMs: number): OutboxMessage | undefined {
    const [newest] = this.documents.select({ where: "key = ? ORDER BY seq DESC LIMIT 1", values: [key] });
    if (newest === undefined) return undefined;
    const isOnWay = newest.status === "queued" || newest.status === "sending";
    return isOnWay || newest.updatedAtMs > nowMs - keyKeptMs ? newest : undefined;
  }

  pending(channel?: string): number {
    const where = channel === undefined ? "" : " AND channel = ?";
    const row = this.#deps.connection.get(
      `SELECT COUNT(*) AS n FROM outbox WHERE status IN ('queued', 'sending')${where}`,
      channel === undefined ? [] : [channel],
    );
    return integer(row ?? {}, "n");
  }

  nextSeq(): number {
    const newest = "SELECT COALESCE(MAX(seq), 0) + 1 AS n FROM outbox WHERE seq < ?";
    return integer(this.#deps.connection.get(newest, [maxSeq]) ?? {}, "n");
  }
}

interface QueueFacts {
  readonly id: string;
  readonly seq: number;
  readonly nowMs: number;
}

function queuedMessage(
  { maxAttempts = 1, ttlMs, ...message }: NewOutboxMessage,
  { id, seq, nowMs }: QueueFacts,
): OutboxMessage {
  return {
    ...message,
    ...{ id, seq, maxAttempts },
    status: "queued",
    attempts: 0,
    partsSent: 0,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    ...(ttlMs === undefined ? {} : { expiresAtMs: nowMs + ttlMs }),
  };
}
