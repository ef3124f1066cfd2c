import type { Damage } from "../types.ts";

/** What a damage is about. */
export interface Subject extends Pick<Damage, "scope" | "name"> {
  /** Which part of it, where several can be damaged apart from each other. */
  readonly part?: string;
}

/** What failed an integrity check since the state was opened; each subject once. */
export class DamageLog {
  readonly #found = new Map<string, Damage>();
  readonly #onChange: () => void;

  /** @param onChange Called when damage is found or settled, maybe inside a transaction. Contract: must not throw. */
  constructor(onChange: () => void = () => undefined) {
    this.#onChange = onChange;
  }

  /** @returns the damage of this subject as it was first found. */
  report({ part, ...damage }: Damage & Subject): Damage {
    const id = idOf({ ...damage, ...(part === undefined ? {} : { part }) });
    const known = this.#found.get(id);
    if (known !== undefined) return known;
    this.#found.set(id, damage);
    this.#onChange();
    return damage;
  }

  find(subject: Subject): Damage | undefined {
    return this.#found.get(idOf(subject));
  }

  /** The owner dropped or replaced what was damaged. */
  settle(subject: Subject): void {
    if (this.#found.delete(idOf(subject))) this.#onChange();
  }

  list(): readonly Damage[] {
    return [...this.#found.values()];
  }
}

function idOf({ scope, name, part }: Subject): string {
  return JSON.stringify([scope, name, part ?? ""]);
}
