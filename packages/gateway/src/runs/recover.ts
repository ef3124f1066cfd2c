import type { Run, RunJournal } from "@carapace/state";
import type { Log } from "../log/log.ts";
import type { Recovery } from "./types.ts";

export interface RecoverDeps {
  readonly journal: RunJournal;
  readonly readmit: (run: Run) => void;
  readonly log: Log;
}

/** Puts the runs that an earlier process left unfinished back in their order; the turn itself gives up one that keeps failing. */
export async function recoverRuns({ journal, readmit, log }: RecoverDeps): Promise<Recovery> {
  // All that had begun goes first: its session's next message must not overtake it.
  const resumed = await readmitAll(journal.unfinishedOf("running"), readmit);
  const queued = await readmitAll(journal.unfinishedOf("queued"), readmit);
  const counts = { queued, resumed };
  if (queued + resumed > 0) log.info("took up runs of an earlier process", counts);
  return counts;
}

async function readmitAll(runs: AsyncIterable<Run>, readmit: (run: Run) => void): Promise<number> {
  let count = 0;
  for await (const run of runs) {
    readmit(run);
    count += 1;
  }
  return count;
}
