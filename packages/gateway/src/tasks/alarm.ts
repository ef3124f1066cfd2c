import type { Log } from "../log/log.ts";

export interface AlarmDeps {
  /**
   * Does what is to be done now.
   * @returns how many ms nothing more can be done; undefined: until something wakes it.
   */
  readonly look: () => Promise<number | undefined>;
  readonly log: Log;
}

/** Looks when it is woken or when it said it would, one look at a time; it never ticks on its own account. */
export interface Alarm extends AsyncDisposable {
  /** Never throws. */
  wake(): void;
  /** Until it sleeps. */
  asleep(): Promise<void>;
}

/** A clock that was set, or a machine that slept, is noticed after so long. */
const maxSleepMs = 60_000;
const faultSleepMs = 30_000;

export function createAlarm({ look, log }: AlarmDeps): Alarm {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let looking: Promise<void> | undefined;
  let isWoken = false;
  let isClosed = false;

  function wake(): void {
    if (isClosed) return;
    isWoken = true;
    looking ??= lookWhileWoken().finally(() => {
      looking = undefined;
    });
  }

  async function lookWhileWoken(): Promise<void> {
    while (isWoken && !isClosed) {
      isWoken = false;
      const sleepMs = await look().catch((error: unknown) => {
        log.error("tasks could not be looked at", { error });
        return faultSleepMs;
      });
      sleep(sleepMs);
    }
  }

  function sleep(ms: number | undefined): void {
    clearTimeout(timer);
    if (ms !== undefined && !isClosed) timer = setTimeout(wake, Math.min(ms, maxSleepMs)).unref();
  }

  return {
    wake,
    async asleep() {
      while (looking !== undefined) await looking;
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
