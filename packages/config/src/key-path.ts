import type { Json, JsonObject } from "@carapace/protocol";
import { valueAt } from "./record.ts";

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

/** The value of a key as people write it, or undefined: what `config get` shows before redaction. */
export function lookupKey(tree: JsonObject, key: string): Json | undefined {
  const path = parseKey(key);
  return path && valueAt(tree, path);
}
