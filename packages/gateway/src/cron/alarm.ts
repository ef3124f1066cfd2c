/** The clocks and the timer that schedules run by; a test holds its own. */
export interface CronClock {
  nowMs(): number;
  /** Goes on evenly whatever is done to the clock on the wall; its zero is anywhere. */
  monotonicMs(): number;
  /** Calls back once, unless what is returned is disposed of before. */
  after(ms: number, call: () => void): Disposable;
}

/** The process's own; it keeps no process alive. */
export function systemClock(nowMs: () => number): CronClock {
  return {
    nowMs,
    monotonicMs: () => performance.now(),
    after(ms, call) {
      const timer = setTimeout(call, ms).unref();
      return { [Symbol.dispose]: () => clearTimeout(timer) };
    },
  };
}

/** A gap between the two clocks that is more than drift (agent.md §13). */
const jumpMs = 10 * 60_000;
/** So often the clock on the wall is looked at while something is planned: a machine that slept may be late. */
const lookMs = 60_000;

/** The clock on the wall was set, or the machine slept. */
export interface ClockJump {
  readonly previousMs: number;
  readonly currentMs: number;
  readonly jumpMs: number;
}

/** One timer for the next planned time. */
export interface Alarm extends Disposable {
  /** Rings at that time, or at once if it has passed; undefined: not at all. */
  set(atMs: number | undefined): void;
}

/**
 * @param ring The time has come. @param onJump Called before it rings on. Contract: neither throws.
 */
export function createAlarm(clock: CronClock, { ring, onJump }: AlarmListener): Alarm {
  let timer: Disposable | undefined;
  let target: number | undefined;
  let seen = { wallMs: clock.nowMs(), evenMs: clock.monotonicMs() };

  function look(): void {
    timer = undefined;
    const now = { wallMs: clock.nowMs(), evenMs: clock.monotonicMs() };
    const expectedMs = seen.wallMs + (now.evenMs - seen.evenMs);
    const gapMs = now.wallMs - expectedMs;
    const previousMs = seen.wallMs;
    seen = now;
    if (Math.abs(gapMs) > jumpMs) {
      target = undefined;
      onJump({ previousMs, currentMs: now.wallMs, jumpMs: Math.round(gapMs) });
    } else if (target !== undefined && target <= now.wallMs) {
      target = undefined;
      ring();
    } else arm();
  }

  function arm(): void {
    timer?.[Symbol.dispose]();
    timer = undefined;
    if (target === undefined) return;
    const waitMs = Math.min(lookMs, Math.max(0, target - clock.nowMs()));
    timer = clock.after(waitMs, look);
  }

  return {
    set(atMs) {
      // Nobody looked while nothing was planned.
      if (target === undefined && timer === undefined && atMs !== undefined)
        seen = { wallMs: clock.nowMs(), evenMs: clock.monotonicMs() };
      target = atMs;
      arm();
    },
    [Symbol.dispose]() {
      target = undefined;
      timer?.[Symbol.dispose]();
    },
  };
}

interface AlarmListener {
  readonly ring: () => void;
  readonly onJump: (jump: ClockJump) => void;
}
