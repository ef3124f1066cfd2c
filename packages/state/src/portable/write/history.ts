import { createHash } from "node:crypto";
import { integer, numberColumns } from "../../database/row.ts";
import { StateError } from "../../errors.ts";
import { InboundEvents, type StoredEvent } from "../../messages/inbound-events.ts";
import type { LoadedSession } from "../../sessions/table.ts";
import type { Message } from "../../types.ts";
import type { PortableDeps } from "../deps.ts";
import { messageLine } from "./message-line.ts";

const batchMessages = 200;
/** Of a batch's lines: with what it is made of, several times that is held in memory. */
const batchChars = 2 ** 18;

/**
 * The lines of a session's history, without their newlines: first what stands for events whose messages are gone. Gives
 * way to other work after each batch. @throws StateError `busy` if the history is not what it was at `session`
 */
export async function* historyLines(deps: PortableDeps, session: LoadedSession): AsyncGenerator<string> {
  for await (const events of eventBatches(deps, session.row.id)) {
    for (const event of events) yield JSON.stringify(markerLine(session, event));
  }
  const size = new BatchSize();
  for await (const messages of messageBatches(deps, session, size)) {
    for (const message of messages) {
      const line = JSON.stringify(messageLine(session.row.id, message));
      size.note(line.length);
      yield line;
    }
  }
}

/** How many messages to read at once: few until it is known that they are short. */
class BatchSize {
  #messages = 4;
  #seen = 0;
  #chars = 0;

  note(chars: number): void {
    this.#seen += 1;
    this.#chars += chars;
  }

  /** For the next batch, judged by the one before. */
  next(): number {
    if (this.#seen > 0) {
      const fitting = Math.floor((batchChars * this.#seen) / Math.max(1, this.#chars));
      this.#messages = Math.max(1, Math.min(batchMessages, fitting, this.#messages * 4));
    }
    this.#seen = 0;
    this.#chars = 0;
    return this.#messages;
  }
}

async function* eventBatches(deps: PortableDeps, id: string): AsyncGenerator<readonly StoredEvent[]> {
  const table = new InboundEvents(deps);
  for (let after = ""; ; ) {
    const events = deps.connection.read(() => table.list(id, after, batchMessages));
    const last = events.at(-1);
    if (last === undefined) return;
    yield events;
    after = last.eventId;
  }
}

async function* messageBatches(
  deps: PortableDeps,
  session: LoadedSession,
  size: BatchSize,
): AsyncGenerator<readonly Message[]> {
  const { row } = session;
  const end = deps.connection.read(() => endOf(deps, session));
  for (let after = 0, until = 0; after < end; after = until) {
    until = Math.min(after + size.next(), end);
    const range = { afterSeq: after, beforeSeq: until + 1 };
    yield deps.connection.read(() => {
      const now = deps.sessions.byId(row.id);
      if (now?.row.generation !== row.generation) throw changed(row.key);
      return deps.writer.history(now, range).messages;
    });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Of a damaged session, whatever can still be read is written. */
function endOf({ connection }: PortableDeps, { row, damage }: LoadedSession): number {
  if (damage === undefined) return row.headSeq;
  const found = connection.get(
    `SELECT ${numberColumns("COALESCE(MAX(messages.seq), 0) AS seq")} FROM messages WHERE session_id = ?`,
    [row.id],
  );
  return integer(found ?? {}, "seq");
}

function changed(key: string): StateError {
  return new StateError("busy", `The session "${key}" changed while it was written: try again.`);
}

/** As the reference marks an event whose message is gone (state.md §3.4). */
function markerLine({ row }: LoadedSession, { eventId, runId }: StoredEvent): Record<string, unknown> {
  return {
    id: uuidOf(`${row.id}:${eventId}`),
    session_id: row.id,
    role: "system",
    content: "",
    created_at: row.createdAtMs,
    metadata: {
      inbound_dedupe_marker: true,
      inbound_event_id: eventId,
      ...(runId === undefined ? {} : { inbound_run_id: runId }),
    },
  };
}

function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
