import type { WaitingMessage } from "@carapace/state";

/** What is kept in memory of a message that waits. */
export interface Waiting {
  readonly id: string;
  readonly seq: number;
  readonly to: string;
  /** Not before this moment of the monotonic clock, in ms. */
  readonly heldUntil: number;
  /** Unix ms. */
  readonly expiresAtMs?: number;
}

/** Both clocks: a wall clock that jumps must neither hurry a retry nor put it off. */
export interface Moment {
  readonly nowMs: number;
  readonly monotonicMs: number;
}

/** The messages that wait for one channel, in their order. Chats have an order each: one that is held up holds up no other. */
export class Line {
  readonly #waiting: Waiting[] = [];

  /** @param capMs No wait that was stored is longer: the wall clock may have been set back meanwhile. */
  add(message: WaitingMessage, { nowMs, monotonicMs }: Moment, capMs: number): void {
    const { id, seq, to, nextAttemptAtMs = nowMs, expiresAtMs } = message;
    this.remove(id);
    const heldUntil = monotonicMs + Math.min(Math.max(0, nextAttemptAtMs - nowMs), capMs);
    const waiting = { id, seq, to, heldUntil, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
    const behind = this.#waiting.findLastIndex((other) => other.seq < seq);
    this.#waiting.splice(behind + 1, 0, waiting);
  }

  remove(id: string): void {
    const index = this.#waiting.findIndex((waiting) => waiting.id === id);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  /** Takes those out that are not to be sent any more. */
  takeExpired(nowMs: number): readonly Waiting[] {
    const expired = this.#waiting.filter(
      ({ expiresAtMs = Number.POSITIVE_INFINITY }) => expiresAtMs <= nowMs,
    );
    for (const { id } of expired) this.remove(id);
    return expired;
  }

  /** Takes the first one out whose time has come, and that of all before it to the same chat. */
  takeNext(monotonicMs: number): Waiting | undefined {
    const passed = new Set<string>();
    for (const waiting of this.#waiting) {
      if (!passed.has(waiting.to) && waiting.heldUntil <= monotonicMs) {
        this.remove(waiting.id);
        return waiting;
      }
      passed.add(waiting.to);
    }
    return undefined;
  }

  /** The next moment at which something may be taken, of the monotonic clock; undefined if time alone changes nothing. */
  nextDue(): number | undefined {
    const passed = new Set<string>();
    let due: number | undefined;
    for (const { to, heldUntil } of this.#waiting) {
      if (!passed.has(to)) due = Math.min(due ?? heldUntil, heldUntil);
      passed.add(to);
    }
    return due;
  }

  /** Unix ms. */
  nextExpiry(): number | undefined {
    let next: number | undefined;
    for (const { expiresAtMs } of this.#waiting)
      if (expiresAtMs !== undefined) next = Math.min(next ?? expiresAtMs, expiresAtMs);
    return next;
  }
}
