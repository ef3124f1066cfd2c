import {
  type ImportCounts,
  type ImportReport,
  type PortableProblem,
  type PortableStore,
  portableStores,
} from "../types.ts";

export type Outcome = "imported" | "unchanged" | "skipped" | "locked" | "corrupt";

const maxProblems = 1000;
const none: ImportCounts = { found: 0, imported: 0, unchanged: 0, skipped: 0, locked: 0, corrupt: 0 };

/** Counts what becomes of everything a source has. */
export class Tally {
  readonly #stores = new Map<PortableStore, ImportCounts>();
  readonly #problems: PortableProblem[] = [];
  #leftOut = 0;
  messages = 0;

  count(store: PortableStore, outcome: Outcome, records = 1): void {
    const counts = this.#stores.get(store) ?? none;
    this.#stores.set(store, {
      ...counts,
      found: counts.found + records,
      [outcome]: counts[outcome] + records,
    });
  }

  /** Notes it; a whole file or record, not a line of one, counts. */
  problem(problem: PortableProblem): void {
    this.note(problem);
    if (problem.state !== "note" && problem.line === undefined) this.count(problem.store, problem.state);
  }

  /** Notes it without counting. */
  note(problem: PortableProblem): void {
    if (this.#problems.length < maxProblems) this.#problems.push(problem);
    else this.#leftOut++;
  }

  report(): ImportReport {
    const all = portableStores.map((store) => [store, this.#stores.get(store) ?? none] as const);
    return {
      stores: Object.fromEntries(all) as Record<PortableStore, ImportCounts>,
      messages: this.messages,
      problems: this.#problems,
      problemsLeftOut: this.#leftOut,
    };
  }
}
