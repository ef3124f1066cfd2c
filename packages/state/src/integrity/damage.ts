import type { Damage } from "../types.ts";

/** What failed an integrity check since the state was opened; each subject once. */
export class DamageLog {
  readonly #found = new Map<string, Damage>();

  /** @param part Which part of the subject, where several can be damaged apart from each other. */
  report(damage: Damage, part = ""): Damage {
    const id = idOf(damage.scope, damage.name, part);
    const known = this.#found.get(id);
    if (known !== undefined) return known;
    this.#found.set(id, damage);
    return damage;
  }

  find(scope: Damage["scope"], name: string): Damage | undefined {
    return this.#found.get(idOf(scope, name, ""));
  }

  /** The owner dropped or replaced what was damaged. */
  settle(scope: Damage["scope"], name: string, part = ""): void {
    this.#found.delete(idOf(scope, name, part));
  }

  list(): readonly Damage[] {
    return [...this.#found.values()];
  }
}

function idOf(scope: Damage["scope"], name: string, part: string): string {
  return JSON.stringify([scope, name, part]);
}
