import type { TransactionListener } from "../database/connection.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import type { SealGroup } from "../integrity/seals.ts";

export interface SealedIdsDeps extends Pick<SealedDeps, "connection" | "seals"> {
  readonly group: SealGroup;
  /** The session's id in a stamp of the register. */
  readonly idOf: (stamp: string) => string;
}

/**
 * Finds the key of a session in the register by its id, for ids that have no row. The register is by key: it is gone
 * through at the first question only, not again for each of the many ids an import brings.
 */
export class SealedIds implements TransactionListener {
  readonly #deps: SealedIdsDeps;
  #keys: Map<string, string> | undefined;

  constructor(deps: SealedIdsDeps) {
    this.#deps = deps;
    deps.connection.listen(this);
  }

  /** Also after a session was removed. */
  forget(): void {
    this.#keys = undefined;
  }

  keyOf(id: string): string | undefined {
    this.#keys ??= this.#read();
    return this.#keys.get(id);
  }

  set(id: string, key: string): void {
    this.#keys?.set(id, key);
  }

  #read(): Map<string, string> {
    const { seals, group, idOf } = this.#deps;
    return new Map([...seals.list(group)].map(([key, stamp]) => [idOf(stamp), key]));
  }
}
