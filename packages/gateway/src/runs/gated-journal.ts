import type { RunJournal, State, UsageEntry } from "@carapace/state";

export interface Gate {
  /** After it fired, nothing is written any more: the turn stays unfinished and the next process goes on with it. */
  readonly release: AbortSignal;
  /** What becomes of a usage record: priced, or undefined if usage is not recorded. */
  readonly bill: (entry: UsageEntry) => UsageEntry | undefined;
}

/** The journal as one turn sees it. */
export function gateJournal(journal: RunJournal, gate: Gate): RunJournal {
  const open = () => {
    if (gate.release.aborted) throw new Error("the gateway stops");
  };
  const billed = <S extends { readonly usage?: UsageEntry }>(step: S): S => {
    const { usage, ...rest } = step;
    const entry = usage === undefined ? undefined : gate.bill(usage);
    return (entry === undefined ? rest : { ...rest, usage: entry }) as S;
  };
  return {
    ...journal,
    async step(runId, step) {
      open();
      return await journal.step(runId, billed(step));
    },
    async results(runId, messages) {
      open();
      return await journal.results(runId, messages);
    },
    async toolStarted(runId, callId, name, nowMs) {
      open();
      await journal.toolStarted(runId, callId, name, nowMs);
    },
    async finish(runId, outcome, nowMs, message) {
      open();
      return await journal.finish(runId, outcome, nowMs, message === undefined ? undefined : billed(message));
    },
  };
}

/** The state as one turn sees it: usage outside of the journal is billed the same way. */
export function gateState(state: State, gate: Gate): State {
  const record = async (entry: UsageEntry) => {
    const billed = gate.bill(entry);
    if (billed !== undefined) await state.usage.record(billed);
  };
  // The repositories may be class instances, and the handle too: their methods stay theirs.
  return Object.create(state, {
    usage: { value: Object.create(state.usage, { record: { value: record } }) },
  }) as State;
}
