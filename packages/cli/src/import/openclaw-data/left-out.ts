import type { PortableProblem } from "@carapace/state/portable";
import { problem } from "./problems.ts";
import type { Survey } from "./sessions/survey.ts";

/** Counts what of conversations does not come in, so that it is told once and not of each. */
export class LeftOut {
  readonly #unknown = new Map<string, number>();
  #media = 0;
  #abandoned = 0;

  add({ unknown, media, abandoned }: Survey): void {
    this.#media += media;
    this.#abandoned += abandoned;
    for (const [kind, count] of unknown) {
      if (this.#unknown.size >= 100 && !this.#unknown.has(kind)) continue;
      this.#unknown.set(kind, (this.#unknown.get(kind) ?? 0) + count);
    }
  }

  /** @param path The folder or the database it was about */
  problems(path: string): readonly PortableProblem[] {
    const at = { store: "sessions", path } as const;
    const told: string[] = [];
    if (this.#media > 0)
      told.push(
        `${this.#media} pictures and documents are named in their messages; the files are not taken over.`,
      );
    if (this.#abandoned > 0)
      told.push(`Messages that somebody went back from, to ask anew, are left out: ${this.#abandoned}`);
    for (const [kind, count] of this.#unknown)
      told.push(`Entries of the unknown kind "${kind}" are left out: ${count}`);
    return told.map((say) => problem("note", at, say));
  }
}
