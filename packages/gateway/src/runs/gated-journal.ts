import type { RunJournal } from "@carapace/state";

/**
 * The journal as one turn sees it.
 * @param release After it fired, nothing is written any more: the turn stays unfinished and the next process goes on
 * with it.
 */
export function gateJournal(journal: RunJournal, release: AbortSignal): RunJournal {
  const open = () => {
    if (release.aborted) throw new Error("the gateway stops");
  };
  return {
    ...journal,
    async step(runId, step) {
      open();
      return await journal.step(runId, step);
    },
    async results(runId, messages) {
      open();
      return await journal.results(runId, messages);
    },
    async toolStarted(runId, callId) {
      open();
      await journal.toolStarted(runId, callId);
    },
    async finish(runId, end, nowMs) {
      open();
      return await journal.finish(runId, end, nowMs);
    },
  };
}
