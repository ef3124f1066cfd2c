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
  const unfinished = await journal.unfinished();
  // What had begun goes first: its session's next message must not overtake it.
  const resumed = unfinished.filter((run) => run.status === "running");
  const queued = unfinished.filter((run) => run.status === "queued");
  for (const run of [...resumed, ...queued]) readmit(run);
  const counts = { queued: queued.length, resumed: resumed.length };
  if (unfinished.length > 0) log.info("took up runs of an earlier process", counts);
  return counts;
}
