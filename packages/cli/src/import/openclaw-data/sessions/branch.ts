import { isRecord } from "@carapace/protocol";

/** Above that many entries a conversation is not read: what is known of them is held in memory. */
export const maxEntries = 1_000_000;

/**
 * Follows a transcript, which is a tree: whoever went back and asked anew left a branch behind. Lines are taken in order.
 * An entry whose parent is not told, or unknown, goes on from the line before it, so that nothing is lost by a guess.
 */
export class Branches {
  readonly #parents: number[] = [];
  readonly #numbers: number[] = [];
  readonly #byId = new Map<string, number>();
  /** Where the conversation stands. */
  #leaf = -1;
  #isForked = false;

  add(number: number, json: Readonly<Record<string, unknown>>): void {
    const at = this.#numbers.length;
    const { id, parentId, type, targetId } = json;
    const back = type === "leaf" && typeof targetId === "string" ? this.#byId.get(targetId) : undefined;
    const named = typeof parentId === "string" ? this.#byId.get(parentId) : undefined;
    const parent = back ?? named ?? this.#leaf;
    if (parent !== this.#leaf) this.#isForked = true;
    this.#numbers.push(number);
    this.#parents.push(parent);
    // Of two with the same id, the first one is who others speak of.
    if (typeof id === "string" && id.length <= 255 && !this.#byId.has(id)) this.#byId.set(id, at);
    this.#leaf = at;
  }

  get count(): number {
    return this.#numbers.length;
  }

  /** The lines of the conversation as it stands; undefined if it is all of them. */
  active(): ReadonlySet<number> | undefined {
    if (!this.#isForked) return undefined;
    const lines = new Set<number>();
    // Parents stand before their children: this ends.
    for (let at = this.#leaf; at >= 0; at = this.#parents[at] ?? -1) lines.add(this.#numbers[at] ?? -1);
    return lines;
  }
}

/** Pure. Whether a parsed line has a place in the tree. */
export function isInTree(json: unknown): json is Record<string, unknown> {
  return isRecord(json) && json["type"] !== "session";
}
