import type { WaitingMessage } from "@carapace/state";
import { Line, type Moment, type Waiting } from "./line.ts";

/** What came of a message that a lane gave out: it ended, or waits again. */
export type Outcome =
  | { readonly kind: "ended" }
  /** `pauseMs`: the other side asked that nothing at all be sent for so long. */
  | { readonly kind: "again"; readonly message: WaitingMessage; readonly pauseMs?: number };

export interface LaneDeps {
  readonly isConnected: () => boolean;
  readonly now: () => Moment;
  readonly maxWaitMs: number;
  /** Contract: never rejects. */
  readonly send: (waiting: Waiting) => Promise<Outcome>;
  /** Contract: never rejects. */
  readonly expire: (waiting: Waiting) => Promise<void>;
}

/** Carries the messages of one channel, one at a time; other channels have lanes of their own. */
export interface Lane {
  add(message: WaitingMessage): void;
  /** Takes one out that waits, if it does. */
  remove(id: string): void;
  /** The channel's status may have changed. */
  wake(): void;
  /** Begins nothing more. @returns what ends when nothing is under way any more */
  stop(): Promise<unknown>;
}

/** Timers cannot be set further ahead. */
const maxTimerMs = 2 ** 31 - 1;

export function createLane({ isConnected, now, maxWaitMs, send, expire }: LaneDeps): Lane {
  const line = new Line();
  let isBusy = false;
  const underWay = new Set<Promise<unknown>>();
  let pausedUntil = 0;
  let timer: Timer | undefined;
  let isStopped = false;

  function carry(work: Promise<unknown>): void {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  }

  async function sendOne(waiting: Waiting): Promise<void> {
    const outcome = await send(waiting);
    isBusy = false;
    if (outcome.kind === "again") {
      const moment = now();
      if (outcome.pauseMs !== undefined) pausedUntil = moment.monotonicMs + outcome.pauseMs;
      line.add(outcome.message, moment, maxWaitMs);
    }
    pump();
  }

  function pump(): void {
    clearTimeout(timer);
    timer = undefined;
    if (isStopped) return;
    const { nowMs, monotonicMs } = now();
    for (const waiting of line.takeExpired(nowMs)) carry(expire(waiting));
    const mayBegin = !isBusy && pausedUntil <= monotonicMs && isConnected();
    const next = mayBegin ? line.takeNext(monotonicMs) : undefined;
    if (next !== undefined) {
      isBusy = true;
      carry(sendOne(next));
    }
    setTimer({ nowMs, monotonicMs });
  }

  function setTimer({ nowMs, monotonicMs }: Moment): void {
    const due = !isBusy && isConnected() ? line.nextDue() : undefined;
    const expiry = line.nextExpiry();
    const waits = [
      ...(due === undefined ? [] : [Math.max(due, pausedUntil) - monotonicMs]),
      ...(expiry === undefined ? [] : [expiry - nowMs]),
    ];
    if (waits.length === 0) return;
    // One more, since a timer may fire a little early.
    timer = setTimeout(pump, Math.min(Math.max(0, Math.min(...waits)) + 1, maxTimerMs));
    timer.unref();
  }

  return {
    add(message) {
      line.add(message, now(), maxWaitMs);
      pump();
    },
    remove(id) {
      line.remove(id);
      pump();
    },
    wake: pump,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await Promise.allSettled(underWay);
    },
  };
}
