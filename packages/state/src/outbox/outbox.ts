import { integer, text, textColumns } from "../database/row.ts";
import { Documents } from "../integrity/documents.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { type NewOutboxMessage, OutboxMessage, type OutboxRepository } from "./types.ts";

export function outboxDocuments(deps: SealedDeps): Documents<OutboxMessage> {
  return new Documents(deps, {
    table: "outbox",
    name: "outgoing message",
    schema: OutboxMessage,
    pages: 64,
  });
}

/** The messages on their way out; one whose record does not verify is never sent (channels.md §1.9). */
export function createOutbox(deps: SealedDeps): OutboxRepository {
  const { connection } = deps;
  const outbox = outboxDocuments(deps);
  const select = (where: string, values: readonly (string | number)[]) => outbox.select({ where, values });
  const byKey = (key: string) => select("key = ? ORDER BY seq LIMIT 1", [key])[0];
  return {
    add: async (message, { id, nowMs }) =>
      connection.write(() => {
        const known = message.idempotencyKey === undefined ? undefined : byKey(message.idempotencyKey);
        if (known !== undefined) return { kind: "duplicate" as const, message: known };
        const added = newMessage(message, { id, nowMs, seq: nextSeq(deps) });
        outbox.save(id, added);
        return { kind: "added" as const, message: added };
      }),
    find: async (id) => connection.read(() => outbox.find(id)),
    findByKey: async (key) => connection.read(() => byKey(key)),
    list: async ({ status, channel, limit = 100 }) => {
      const wanted = [
        ...(status === undefined ? [] : [["status", status] as const]),
        ...(channel === undefined ? [] : [["channel", channel] as const]),
      ];
      const where = ["seq > 0", ...wanted.map(([column]) => `${column} = ?`)].join(" AND ");
      return connection.read(() =>
        select(`${where} ORDER BY seq DESC LIMIT ?`, [...wanted.map(([, value]) => value), limit]),
      );
    },
    queued: async (channel, limit) =>
      connection.read(() =>
        select("status = 'queued' AND channel = ? ORDER BY seq LIMIT ?", [channel, limit]),
      ),
    channels: async () =>
      connection.read(() =>
        connection
          .all(`SELECT DISTINCT ${textColumns("channel")} FROM outbox WHERE status = 'queued'`)
          .map((row) => text(row, "channel")),
      ),
    pending: async (channel) =>
      connection.read(() => {
        const where = channel === undefined ? "" : " AND channel = ?";
        const row = connection.get(
          `SELECT COUNT(*) AS n FROM outbox WHERE status IN ('queued', 'sending')${where}`,
          channel === undefined ? [] : [channel],
        );
        return integer(row ?? {}, "n");
      }),
    withStatus: async (status) => connection.read(() => select("status = ? ORDER BY seq", [status])),
    save: async (message) => connection.write(() => outbox.save(message.id, message)),
    prune: async (beforeMs) =>
      connection.write(() => {
        const ended = select(`${endedClause} AND updated_at < ? LIMIT 500`, [beforeMs]);
        for (const { id } of ended) outbox.remove(id);
        return ended.length;
      }),
  };
}

const endedClause = "status IN ('sent', 'failed', 'cancelled', 'expired')";

function nextSeq({ connection }: SealedDeps): number {
  return integer(connection.get("SELECT COALESCE(MAX(seq), 0) + 1 AS n FROM outbox") ?? {}, "n");
}

interface Facts {
  readonly id: string;
  readonly seq: number;
  readonly nowMs: number;
}

function newMessage({ maxAttempts = 1, ttlMs, ...message }: NewOutboxMessage, facts: Facts): OutboxMessage {
  const { id, seq, nowMs } = facts;
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
