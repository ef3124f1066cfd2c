import {
  integer,
  numberColumns,
  optionalInteger,
  type Row,
  readable,
  text,
  textColumns,
} from "../database/row.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { OutboxTable } from "./table.ts";
import { type OutboxKept, type OutboxRepository, OutboxStatus, type WaitingMessage } from "./types.ts";

/** How many messages one transaction forgets. */
const pruneAtOnce = 500;

/** The messages on their way out; one whose record does not verify is never sent (channels.md §1.9). */
export function createOutbox(deps: SealedDeps): OutboxRepository {
  const { connection } = deps;
  const table = new OutboxTable(deps);
  const outbox = table.documents;
  const select = (where: string, values: readonly (string | number)[]) => outbox.select({ where, values });
  return {
    add: async (message, facts) => connection.write(() => table.add(message, facts)),
    find: async (id) => connection.read(() => outbox.find(id)),
    findByKey: async (key, nowMs) => connection.read(() => table.findByKey(key, nowMs)),
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
    counts: async () =>
      connection.read(() => {
        const rows = connection.all(
          `SELECT ${textColumns("status")}, COUNT(*) AS n FROM outbox GROUP BY outbox.status`,
        );
        const known = rows.filter((row) => OutboxStatus.safeParse(text(row, "status")).success);
        return new Map(known.map((row) => [OutboxStatus.parse(text(row, "status")), integer(row, "n")]));
      }),
    queued: async (channel) => connection.read(() => waitingFor(channel, deps)),
    channels: async () =>
      connection.read(() =>
        connection
          .all(`SELECT DISTINCT ${textColumns("channel")} FROM outbox WHERE status = 'queued'`)
          .map((row) => text(row, "channel")),
      ),
    pending: async (channel) => connection.read(() => table.pending(channel)),
    withStatus: async (status) => connection.read(() => select("status = ? ORDER BY seq", [status])),
    save: async (message) => connection.write(() => outbox.save(message.id, message)),
    change: async (id, decide) =>
      connection.write(() => {
        const found = outbox.find(id);
        const next = found === undefined ? undefined : decide(found, () => table.nextSeq());
        if (next !== undefined) outbox.save(id, next);
        return next;
      }),
    prune: async (kept) => {
      let forgotten = 0;
      for (;;) {
        const some = connection.write(() => {
          // What a row says of itself is believed only if it verifies: damage is for the owner to see.
          const ids = endedToForget(deps, kept).filter((id) => outbox.find(id) !== undefined);
          for (const id of ids) outbox.remove(id);
          return ids.length;
        });
        forgotten += some;
        if (some < pruneAtOnce) return forgotten;
        // Turns and deliveries go on in between.
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    clear: async () =>
      connection.write(() => {
        const ids = connection.all(`SELECT ${textColumns("id")} FROM outbox`).map((row) => text(row, "id"));
        for (const id of ids) outbox.remove(id);
        return ids.length;
      }),
  };
}

function waitingFor(channel: string, { connection }: SealedDeps): WaitingMessage[] {
  const names = textColumns("id", "body ->> '$.to' AS chat");
  const numbers = numberColumns("seq", "next_attempt_at", "body ->> '$.expiresAtMs' AS expires_at");
  const rows = connection.all(
    `SELECT ${names}, ${numbers} FROM outbox WHERE status = 'queued' AND channel = ? ORDER BY outbox.seq`,
    [channel],
  );
  return rows
    .map((row) => readable(() => waitingOf(row, channel)))
    .filter((waiting) => waiting !== undefined);
}

function waitingOf(row: Row, channel: string): WaitingMessage {
  const nextAttemptAtMs = optionalInteger(row, "next_attempt_at");
  const expiresAtMs = optionalInteger(row, "expires_at");
  return {
    ...{ id: text(row, "id"), seq: integer(row, "seq"), channel, to: text(row, "chat") },
    ...(nextAttemptAtMs === undefined ? {} : { nextAttemptAtMs }),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
}

function endedToForget({ connection }: SealedDeps, kept: OutboxKept): string[] {
  const ids = `SELECT ${textColumns("id")} FROM outbox WHERE`;
  const done = connection.all(
    `${ids} status IN ('sent', 'cancelled', 'expired') AND updated_at < ? LIMIT ${pruneAtOnce}`,
    [kept.endedBeforeMs],
  );
  const failed = connection.all(`${ids} status = 'failed' AND updated_at < ? LIMIT ${pruneAtOnce}`, [
    kept.failedBeforeMs,
  ]);
  const beyond = connection.all(
    `${ids} status = 'failed' ORDER BY outbox.updated_at DESC LIMIT ${pruneAtOnce} OFFSET ?`,
    [kept.maxFailed],
  );
  const all = new Set([...done, ...failed, ...beyond].map((row) => text(row, "id")));
  return [...all].slice(0, pruneAtOnce);
}
