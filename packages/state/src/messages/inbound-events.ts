import type { Connection } from "../database/connection.ts";
import {
  blobColumns,
  optionalText,
  type Row,
  readable,
  storedMac,
  text,
  textColumns,
} from "../database/row.ts";
import { type Macs, sameMac } from "../integrity/macs.ts";

/** An id of a channel's event, and the run that answered it. */
export interface StoredEvent {
  readonly eventId: string;
  readonly runId?: string;
}

/**
 * Ids of channel events whose messages are gone from a history, so that an event that comes again is still known
 * (state.md §3.4). Callers hold the transaction. A row that does not verify counts as absent.
 */
export class InboundEvents {
  readonly #connection: Connection;
  readonly #macs: Macs;

  constructor({ connection, macs }: { readonly connection: Connection; readonly macs: Macs }) {
    this.#connection = connection;
    this.#macs = macs;
  }

  add(sessionId: string, { eventId, runId }: StoredEvent): void {
    this.#connection.run(
      "INSERT OR REPLACE INTO inbound_events(session_id, event_id, run_id, mac) VALUES(?, ?, ?, ?)",
      [
        sessionId,
        eventId,
        runId ?? null,
        this.#mac(sessionId, { eventId, ...(runId === undefined ? {} : { runId }) }),
      ],
    );
  }

  /** By id, at most `limit` after one of them. */
  list(sessionId: string, after: string, limit: number): StoredEvent[] {
    const rows = this.#connection.all(
      `SELECT ${textColumns("event_id", "run_id")}, ${blobColumns("mac")} FROM inbound_events e
       WHERE e.session_id = ? AND e.event_id > ? ORDER BY e.event_id LIMIT ?`,
      [sessionId, after, limit],
    );
    return rows.flatMap((row) => {
      const event = readable(() => eventOf(row));
      return event !== undefined && sameMac(this.#mac(sessionId, event), storedMac(row)) ? [event] : [];
    });
  }

  clear(sessionId: string): void {
    this.#connection.run("DELETE FROM inbound_events WHERE session_id = ?", [sessionId]);
  }

  #mac(sessionId: string, { eventId, runId }: StoredEvent): Uint8Array {
    return this.#macs.record("inbound event", [sessionId, eventId, runId]);
  }
}

function eventOf(row: Row): StoredEvent {
  const runId = optionalText(row, "run_id");
  return { eventId: text(row, "event_id"), ...(runId === undefined ? {} : { runId }) };
}
