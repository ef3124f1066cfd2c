import type { RunId } from "@carapace/protocol";
import { type RunJournal, type RunOutcome, StateError, stateFailures } from "@carapace/state";
import type { Log } from "../log/log.ts";
import { wait } from "../wait.ts";

export interface EndLaterDeps {
  readonly journal: Pick<RunJournal, "finish">;
  readonly nowMs: () => number;
  readonly log: Log;
  /** Instead of 5 s. */
  readonly endAgainMs?: number;
}

const usualMs = 5000;

/**
 * Goes on storing the end of a run where the disk was full, say: a task or a schedule waits for it, and would until the
 * next start. Never throws. @param signal Fires when the gateway stops: the next one takes the run up.
 */
export async function endLater(
  {
    runId,
    outcome,
    signal,
  }: { readonly runId: RunId; readonly outcome: RunOutcome; readonly signal: AbortSignal },
  { journal, nowMs, log, endAgainMs = usualMs }: EndLaterDeps,
): Promise<void> {
  for (;;) {
    await wait(endAgainMs, signal);
    if (signal.aborted) return;
    try {
      await journal.finish(runId, outcome, nowMs());
      return log.info("a failed run was ended after all", { runId });
    } catch (error) {
      if (!mayPass(error)) return log.error("a failed run could not be ended", { runId, error });
    }
  }
}

/** Whether a fault of the state may be gone a moment later. Pure. */
export function mayPass(error: unknown): boolean {
  return error instanceof StateError && stateFailures[error.code].retry;
}
