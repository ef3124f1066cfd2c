import type { TransactionListener } from "../database/connection.ts";
import { sameMac } from "../integrity/macs.ts";
import type { SessionRow } from "../sessions/row.ts";
import type { Message } from "../types.ts";

/** In UTF-16 units of the stored JSON: of one session, and of all. */
const maxTailSize = 1024 * 1024;
const maxAllSize = 4 * 1024 * 1024;

/** A message that verified, and how much room it takes. */
export interface KeptMessage {
  readonly message: Message;
  readonly size: number;
}

interface Tail {
  readonly generation: string;
  headSeq: number;
  headMac: Uint8Array;
  kept: KeptMessage[];
  size: number;
}

/**
 * The newest messages of the sessions in use, as they verified, so that a turn does not read and verify a long history
 * again each time. A tail counts only while the session's own row, which is checked on every read, still names the
 * head it ends at. Bounded: long tails lose their oldest messages, sessions not used for longest go first.
 */
export class Tails implements TransactionListener {
  readonly #bySession = new Map<string, Tail>();
  #size = 0;

  forget(): void {
    this.#bySession.clear();
    this.#size = 0;
  }

  /** Messages with `after` < seq < `before`; undefined if not all of them are kept. */
  find(session: SessionRow, after: number, before: number): Message[] | undefined {
    const tail = this.#current(session);
    if (tail === undefined) return undefined;
    const first = firstOf(tail);
    if (after + 1 < first) return undefined;
    this.#bySession.delete(session.id);
    this.#bySession.set(session.id, tail);
    return tail.kept.slice(after + 1 - first, before - first).map(({ message }) => message);
  }

  /** Takes over the messages below `before` that were read without a gap, if they end at the head or join the tail. */
  keep(session: SessionRow, kept: readonly KeptMessage[], before: number): void {
    const { generation, headSeq, headMac } = session;
    const tail = this.#current(session);
    const later = tail !== undefined && before === firstOf(tail) ? tail.kept : [];
    if (before + later.length <= headSeq) return;
    this.drop(session.id);
    const all = [...kept, ...later];
    const size = all.reduce((sum, one) => sum + one.size, 0);
    this.#bySession.set(session.id, { generation, headSeq, headMac, kept: all, size });
    this.#size += size;
    this.#trim(session.id);
  }

  /** A message was appended to `session`; its head is now `headMac`. */
  extend(session: SessionRow, added: KeptMessage | undefined, headMac: Uint8Array): void {
    const tail = this.#current(session);
    if (tail === undefined || added === undefined) {
      this.drop(session.id);
      return;
    }
    tail.headSeq += 1;
    tail.headMac = headMac;
    tail.kept.push(added);
    tail.size += added.size;
    this.#size += added.size;
    this.#trim(session.id);
  }

  drop(sessionId: string): void {
    this.#size -= this.#bySession.get(sessionId)?.size ?? 0;
    this.#bySession.delete(sessionId);
  }

  #current(session: SessionRow): Tail | undefined {
    const tail = this.#bySession.get(session.id);
    const isCurrent =
      tail?.generation === session.generation &&
      tail.headSeq === session.headSeq &&
      sameMac(tail.headMac, session.headMac);
    return isCurrent ? tail : undefined;
  }

  #trim(newestId: string): void {
    const tail = this.#bySession.get(newestId);
    if (tail === undefined) return;
    const before = tail.size;
    let cut = 0;
    while (tail.size > maxTailSize) tail.size -= tail.kept[cut++]?.size ?? tail.size;
    if (cut > 0) tail.kept = tail.kept.slice(cut);
    this.#size -= before - tail.size;
    for (const id of this.#bySession.keys()) {
      if (this.#size <= maxAllSize || id === newestId) break;
      this.drop(id);
    }
  }
}

function firstOf(tail: Tail): number {
  return tail.headSeq - tail.kept.length + 1;
}
