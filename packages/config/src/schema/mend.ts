import { childOf, isRecord, valueAt } from "../record.ts";

type Path = readonly (string | number)[];

/** Takes wrong values out of a tree, in place. List items keep their indexes until `done`. */
export interface Mending {
  /** Removes the value at `path`; where there is none (something needed is missing), what should hold it. */
  remove(path: Path): void;
  put(path: Path, value: unknown): void;
  done(): void;
}

const gone = Symbol("gone");

export function startMending(root: unknown): Mending {
  const lists = new Set<unknown[]>();

  function holder(path: Path): unknown {
    return valueAt(root, path.slice(0, -1));
  }

  function remove(path: Path): void {
    const step = path.at(-1);
    if (step === undefined) return;
    const node = holder(path);
    if (childOf(node, step) === undefined) remove(path.slice(0, -1));
    else if (Array.isArray(node) && typeof step === "number") {
      node[step] = gone;
      lists.add(node);
    } else if (isRecord(node)) delete node[step];
  }

  return {
    remove,
    put(path, value) {
      const step = path.at(-1);
      const node = holder(path);
      if (step !== undefined && isRecord(node)) node[step] = structuredClone(value);
    },
    done() {
      for (const list of lists) {
        let kept = 0;
        for (const item of list) if (item !== gone) list[kept++] = item;
        list.length = kept;
      }
    },
  };
}
