import type { RunJournal } from "@carapace/state";
import type { RunReply } from "../outbox/replies.ts";

/**
 * The journal as one turn sees it.
 * @param release After it fired, nothing is written any more: the turn stays unfinished and the next process goes on
 * with it.
 * @param reply Where its reply goes: stored with its end.
 */
export function gateJournal(
  journal: RunJournal,
  release: AbortSignal,
  reply: RunReply | undefined,
): RunJournal {
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
      const outgoing = await reply?.of(end);
      if (outgoing === undefined) return await journal.finish(runId, end, nowMs);
      const hasEnded = await journal.finish(runId, { ...end, outgoing }, nowMs);
      if (hasEnded) reply?.stored(outgoing.id);
      return hasEnded;
    },
  };
}
