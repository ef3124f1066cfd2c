import type { CronClock } from "../alarm.ts";

interface Waiting {
  readonly atMs: number;
  readonly call: () => void;
}

/** A clock that stands still until it is moved. */
export interface FakeClock extends CronClock {
  /** Lets time pass: timers ring on their way. @param settle Waits for what each of them set off. */
  pass(ms: number, settle?: () => Promise<void>): Promise<void>;
  /** Sets the clock on the wall; the even one goes on as it was. */
  setWall(atMs: number): void;
  /** How many timers there are. */
  timers(): number;
}

export function fakeClock(startMs: number): FakeClock {
  let evenMs = 0;
  let wallMs = startMs;
  const waiting = new Set<Waiting>();
  const first = () => [...waiting].sort((a, b) => a.atMs - b.atMs)[0];
  return {
    nowMs: () => wallMs,
    monotonicMs: () => evenMs,
    after(ms, call) {
      const own = { atMs: evenMs + ms, call };
      waiting.add(own);
      return { [Symbol.dispose]: () => void waiting.delete(own) };
    },
    async pass(ms, settle = async () => undefined) {
      const untilMs = evenMs + ms;
      for (let next = first(); next !== undefined && next.atMs <= untilMs; next = first()) {
        const stepMs = Math.max(0, next.atMs - evenMs);
        evenMs += stepMs;
        wallMs += stepMs;
        waiting.delete(next);
        next.call();
        await settle();
      }
      wallMs += untilMs - evenMs;
      evenMs = untilMs;
    },
    setWall(atMs) {
      wallMs = atMs;
    },
    timers: () => waiting.size,
  };
}
