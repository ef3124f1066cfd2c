import type { Json, JsonObject } from "@carapace/protocol";
import type { Given, GivenText } from "../answers.ts";

/** One key of the configuration, as people write it, and its value. */
export type Entry = readonly [path: string, value: Json];

/** A variable as the configuration names it. */
function placeholder(name: string): string {
  return `$\{${name}}`;
}

/** A secret at its place: the variable's name, or the typed text; nothing if it was left out. */
export function secretAt(path: string, given: Given): readonly Entry[] {
  switch (given.kind) {
    case "variable":
      return [[path, placeholder(given.name)]];
    case "typed":
      return [[path, literal(given.secret.reveal())]];
    case "none":
      return [];
  }
}

/** A setting at its place; nothing if it was not given. */
export function textAt(path: string, given: GivenText | undefined): readonly Entry[] {
  if (given === undefined) return [];
  return [[path, given.kind === "variable" ? placeholder(given.name) : literal(given.text)]];
}

/** A text that means itself: what looks like a placeholder in it is none (config.md §6). */
export function literal(text: string): string {
  return text.replace(/\$\{[A-Z_][A-Z0-9_]*\}/g, (match) => `$${match}`);
}

/** The tree that the entries describe. */
export function treeOf(entries: readonly Entry[]): JsonObject {
  const tree: MutableTree = {};
  for (const [path, value] of entries) put(tree, path.split("."), value);
  return tree;
}

interface MutableTree {
  [name: string]: Json | MutableTree;
}

function put(tree: MutableTree, [name = "", ...rest]: readonly string[], value: Json): void {
  if (rest.length === 0) {
    tree[name] = value;
    return;
  }
  const inner = tree[name];
  const next: MutableTree = isTree(inner) ? inner : {};
  tree[name] = next;
  put(next, rest, value);
}

function isTree(value: Json | MutableTree | undefined): value is MutableTree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
