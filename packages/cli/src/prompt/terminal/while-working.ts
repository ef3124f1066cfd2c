import type { Asked } from "../asker.ts";
import type { KeyFeed } from "./key-feed.ts";

/** Runs work that Esc, Ctrl-C and the end of input stop through its signal. @throws what the work throws by itself */
export async function whileWorking<T>(
  feed: KeyFeed,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<Asked<T>> {
  const stop = new AbortController();
  const left = Promise.withResolvers<Asked<never>>();
  const leave = feed.whileIdle((why) => {
    left.resolve(why === "back" ? { kind: "back" } : { kind: "stop", why });
    stop.abort();
  });
  try {
    const done = work(stop.signal).then((value): Asked<T> => ({ kind: "answer", value }));
    const asked = await Promise.race([done, left.promise]);
    // Nobody waits for work that was stopped; what it ends with is of no interest.
    if (stop.signal.aborted) done.catch(() => {});
    return asked;
  } finally {
    leave();
  }
}
