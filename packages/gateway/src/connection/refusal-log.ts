import type { Log } from "../log/log.ts";

/** Tells of refused credentials without letting strangers fill the log. */
export interface RefusalLog extends Disposable {
  /** Somebody at this address was refused. */
  refused(ip: string, reason: string): void;
}

const minuteMs = 60_000;
/** All other addresses share one line. */
const maxAddresses = 64;
const others = "others";

/** The first refusal of an address is told at once, those of the minutes that follow as one line each with their number. */
export function createRefusalLog(log: Pick<Log, "info">, everyMs: number = minuteMs): RefusalLog {
  const untold = new Map<string, number>();
  let telling: Timer | undefined;
  const tell = () => {
    for (const [ip, times] of untold) {
      if (times === 0) untold.delete(ip);
      else {
        log.info("more connections refused", { ip, times });
        untold.set(ip, 0);
      }
    }
    if (untold.size === 0) stop();
  };
  const stop = () => {
    clearInterval(telling);
    telling = undefined;
  };
  return {
    refused(from, reason) {
      const ip = untold.has(from) || untold.size < maxAddresses ? from : others;
      const times = untold.get(ip);
      if (times === undefined) log.info("connection refused", { ip, reason });
      untold.set(ip, times === undefined ? 0 : times + 1);
      if (telling !== undefined) return;
      telling = setInterval(tell, everyMs);
      telling.unref();
    },
    [Symbol.dispose]: stop,
  };
}
