import type { Run, RunJournal, RunOutcome } from "@carapace/state";
import type { Log } from "../log/log.ts";
import { createRunEvents, type RunEventsDeps } from "./events.ts";
import { readRunOptions } from "./options.ts";
import type { Recovery } from "./types.ts";

/** After so many beginnings that a crash cut off, a run is given up: it may be what crashes the gateway. */
const maxAttempts = 3;

export interface RecoverDeps {
  readonly journal: RunJournal;
  readonly enqueue: (run: Run) => unknown;
  readonly nowMs: () => number;
  readonly log: Log;
  readonly events: RunEventsDeps;
}

/** Puts the runs that an earlier process left unfinished back in their order; gives up those that keep failing. */
export async function recoverRuns(deps: RecoverDeps): Promise<Recovery> {
  const counts = { queued: 0, resumed: 0, givenUp: 0 };
  const unfinished = await deps.journal.unfinished();
  // What had begun goes first: its session's next message must not overtake it.
  for (const run of unfinished.filter((candidate) => candidate.status === "running")) {
    if (run.attempts >= maxAttempts) {
      await giveUp(run, deps);
      counts.givenUp += 1;
    } else {
      deps.enqueue(run);
      counts.resumed += 1;
    }
  }
  for (const run of unfinished.filter((candidate) => candidate.status === "queued")) {
    deps.enqueue(run);
    counts.queued += 1;
  }
  if (unfinished.length > 0) deps.log.info("took up runs of an earlier process", counts);
  return counts;
}

async function giveUp(run: Run, deps: RecoverDeps): Promise<void> {
  const outcome: RunOutcome = {
    status: "failed",
    error: `The gateway stopped ${run.attempts} times in the middle of this turn, so it was given up. Send the message again to retry.`,
  };
  await deps.journal.finish(run.id, outcome, deps.nowMs());
  createRunEvents(run, readRunOptions(run.options), deps.events).end(outcome);
  deps.log.warn("gave up a run that was cut off too often", { runId: run.id, attempts: run.attempts });
}
