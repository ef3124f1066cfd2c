import type { State } from "@carapace/state";
import type { Log } from "../log/log.ts";

const pruneEveryMs = 3_600_000;
/** Outcomes are replayed to callers that repeat a request for 24 h (websocket.md §11). */
const outcomesKeptMs = 24 * 3_600_000;

/** How often verifying gives way to turns before it is done beside them: a busy gateway is verified too. */
const patience = 30;

export interface UpkeepDeps {
  readonly state: Pick<State, "verify"> & {
    readonly runs: Pick<State["runs"], "prune">;
    readonly answers: Pick<State["answers"], "prune">;
  };
  readonly nowMs: () => number;
  /** Removes what else need not be kept, hourly. Contract: must not throw. */
  readonly retain: () => Promise<void>;
  readonly log: Log;
  /** Whether a turn runs or waits: the check of a big table holds everything up for a moment. */
  readonly isBusy: () => boolean;
  /** How long after the start everything stored is verified, and how long to wait for turns at a time. */
  readonly verifyAfterMs: number;
}

/**
 * Keeps the state in order beside the gateway's work: forgets old runs and kept answers, at once and hourly, and verifies everything
 * stored, once. Disposing of it stops both, and waits for what is under way.
 */
export function startUpkeep(deps: UpkeepDeps): AsyncDisposable {
  const stopping = new AbortController();
  let verifying: Promise<void> | undefined;
  const pruning = setInterval(() => {
    void prune(deps);
    void deps.retain();
  }, pruneEveryMs);
  let waiting: Timer;
  const wait = (left: number) => {
    waiting = setTimeout(() => {
      if (left > 0 && deps.isBusy()) wait(left - 1);
      else verifying = deps.retain().then(() => verify(deps, stopping.signal));
    }, deps.verifyAfterMs);
    waiting.unref();
  };
  wait(patience);
  pruning.unref();
  void prune(deps);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(pruning);
      clearTimeout(waiting);
      stopping.abort();
      await verifying;
    },
  };
}

async function prune({ state, nowMs, log }: UpkeepDeps): Promise<void> {
  try {
    const forgotten = await state.runs.prune(nowMs() - outcomesKeptMs);
    if (forgotten > 0) log.debug("old runs were forgotten", { forgotten });
    // Some at a time: there may be as many as were asked in a day.
    while ((await state.answers.prune(nowMs())) > 0);
  } catch (error) {
    log.warn("old runs could not be forgotten", { error });
  }
}

async function verify({ state, log }: UpkeepDeps, signal: AbortSignal): Promise<void> {
  const startedAtMs = performance.now();
  try {
    const damage = await state.verify(signal);
    const tookMs = Math.round(performance.now() - startedAtMs);
    // Each finding is logged where it is found.
    log.info("stored data was verified", { damaged: damage.length, tookMs });
  } catch (error) {
    if (!signal.aborted) log.warn("stored data could not be verified", { error });
  }
}
