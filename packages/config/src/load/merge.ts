import type { Json, JsonObject } from "@carapace/protocol";
import { childOf } from "../record.ts";

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where a value of the merged tree was written. */
export interface WrittenAt {
  readonly file: string;
  readonly path: readonly (string | number)[];
}

/** Remembers, for each container of a tree, where its entries were written. */
export class Origins {
  readonly #entries = new WeakMap<object, Map<string | number, WrittenAt>>();

  note(container: object, step: string | number, origin: WrittenAt | undefined): void {
    if (!origin) return;
    const known = this.#entries.get(container) ?? new Map<string | number, WrittenAt>();
    known.set(step, origin);
    this.#entries.set(container, known);
  }

  of(container: object, step: string | number): WrittenAt | undefined {
    return this.#entries.get(container)?.get(step);
  }

  /** The origin of the value at `path` below `root`, or of its nearest container that has one. */
  find(
    root: Json,
    path: readonly (string | number)[],
  ): { origin: WrittenAt; rest: readonly (string | number)[] } | undefined {
    let node: Json | undefined = root;
    let found: { origin: WrittenAt; rest: readonly (string | number)[] } | undefined;
    for (const [index, step] of path.entries()) {
      if (typeof node !== "object" || node === null) break;
      const origin = this.of(node, step);
      if (origin) found = { origin, rest: path.slice(index + 1) };
      node = childOf(node, step);
    }
    return found;
  }
}

/** `later` over `earlier`: objects merge, arrays are joined, anything else is replaced (config.md §4). */
export function mergeJson(earlier: Json | undefined, later: Json, origins: Origins): Json {
  if (Array.isArray(earlier) && Array.isArray(later)) return joined(earlier, later, origins);
  if (!isJsonObject(earlier) || !isJsonObject(later)) return later;
  const merged: Record<string, Json> = {};
  for (const [name, value] of Object.entries(earlier)) {
    merged[name] = value;
    origins.note(merged, name, origins.of(earlier, name));
  }
  for (const [name, value] of Object.entries(later)) {
    merged[name] = mergeJson(Object.hasOwn(merged, name) ? merged[name] : undefined, value, origins);
    origins.note(merged, name, origins.of(later, name));
  }
  return merged;
}

function joined(earlier: readonly Json[], later: readonly Json[], origins: Origins): Json {
  const all = [...earlier, ...later];
  all.forEach((_, index) => {
    const from =
      index < earlier.length ? origins.of(earlier, index) : origins.of(later, index - earlier.length);
    origins.note(all, index, from);
  });
  return all;
}
