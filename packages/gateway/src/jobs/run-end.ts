import type { Run } from "@carapace/state";
import type { Runs } from "../runs/types.ts";
import { wait } from "../wait.ts";

const maxWaitMs = 3_600_000;
const firstLookMs = 20;
const maxLookMs = 5000;

/**
 * Follows a run to its end, whichever process carries it out.
 * @returns undefined if it is gone, or the signal fired first.
 */
export async function runEnd(
  runId: string,
  { runs }: { readonly runs: Pick<Runs, "wait"> },
  signal: AbortSignal,
): Promise<Run | undefined> {
  let lookMs = firstLookMs;
  while (!signal.aborted) {
    const { kind, run } = await runs.wait(runId, maxWaitMs, signal);
    if (run === undefined || (kind === "ended" && run.outcome !== undefined)) return run;
    // Its lane lets go of it a moment before its end is stored; where that fails, or the gateway stops, it takes longer.
    await wait(lookMs, signal);
    lookMs = Math.min(maxLookMs, lookMs * 2);
  }
  return undefined;
}
