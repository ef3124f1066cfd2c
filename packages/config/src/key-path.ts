import type { Json, JsonObject } from "@carapace/protocol";
import { isJsonObject } from "./load/merge.ts";

/**
 * Reads a key as people write it: `agents.list[0].model`. Blanks around it are dropped.
 * @returns its steps, or undefined if it is no key (empty, or a step of it is)
 */
export function parseKey(text: string): (string | number)[] | undefined {
  const steps: (string | number)[] = [];
  for (const part of text.trim().split(".")) {
    const match = /^([^[\]]+)((?:\[\d{1,6}\])*)$/.exec(part);
    if (!match) return undefined;
    const [, name = "", indexes = ""] = match;
    if (name === "__proto__") return undefined;
    steps.push(name, ...[...indexes.matchAll(/\d+/g)].map(([digits]) => Number(digits)));
  }
  return steps;
}

/** The value at a path of object keys and list indexes, or undefined. */
export function valueAt(tree: Json, path: readonly (string | number)[]): Json | undefined {
  let node: Json | undefined = tree;
  for (const step of path) {
    if (Array.isArray(node)) node = typeof step === "number" ? node[step] : undefined;
    else node = isJsonObject(node) && Object.hasOwn(node, step) ? node[step] : undefined;
  }
  return node;
}

/** The value of a key as people write it, or undefined: what `config get` shows before redaction. */
export function lookupKey(tree: JsonObject, key: string): Json | undefined {
  const path = parseKey(key);
  return path && valueAt(tree, path);
}
