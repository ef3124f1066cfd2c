import type { RunJournal } from "@carapace/state";

/** Dies at the nth write: before it is durable, or just after; from then on nothing answers, as after `kill -9`. */
export function dying(real: RunJournal, at: number, when: "before" | "after"): RunJournal {
  let writes = 0;
  const dead = () => Promise.reject(new Error("dead"));
  const guard = <A extends unknown[], R>(write: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      const n = writes++;
      if (n > at || (n === at && when === "before")) return dead();
      const result = await write(...args);
      return n === at ? dead() : result;
    };
  };
  return {
    ...real,
    begin: guard(real.begin),
    step: guard(real.step),
    results: guard(real.results),
    absorb: guard(real.absorb),
    toolStarted: guard(real.toolStarted),
    finish: guard(real.finish),
    find: async (runId) => (writes > at ? undefined : real.find(runId)),
  };
}
