import type { State } from "@carapace/state";
import type { Log } from "../log/log.ts";

const pruneEveryMs = 3_600_000;
/** Outcomes are replayed to callers that repeat a request for 24 h (websocket.md §11). */
const outcomesKeptMs = 24 * 3_600_000;

export interface UpkeepDeps {
  readonly state: Pick<State, "runs" | "verify">;
  readonly nowMs: () => number;
  readonly log: Log;
  /** How long after the start everything stored is verified: whoever waits for the start comes first. */
  readonly verifyAfterMs: number;
}

/**
 * Keeps the state in order beside the gateway's work: forgets old runs, at once and hourly, and verifies everything
 * stored, once. Disposing of it stops both, and waits for what is under way.
 */
export function startUpkeep(deps: UpkeepDeps): AsyncDisposable {
  const stopping = new AbortController();
  let verifying: Promise<void> | undefined;
  const pruning = setInterval(() => void prune(deps), pruneEveryMs);
  const waiting = setTimeout(() => {
    verifying = verify(deps, stopping.signal);
  }, deps.verifyAfterMs);
  pruning.unref();
  waiting.unref();
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
