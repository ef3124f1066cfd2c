import type { Json } from "@carapace/protocol";
import { looksSealed } from "@carapace/secrets/envelope-kind";
import { isGuardedVariable } from "../guarded-variables.ts";
import type { Path } from "../json5/locate.ts";
import { referencesIn } from "../load/as-written.ts";
import { dottedPath } from "../load/issue-path.ts";
import { textsIn, valueAt } from "../record.ts";
import type { Pattern } from "../schema/guarded.ts";
import { fits, pathsAt } from "./patterns.ts";

/** Protected keys whose value is not the same in both trees; an unchanged copy is fine (config.md §10). */
export function protectedChanges(before: Json, after: Json, patterns: readonly Pattern[]): string[] {
  const changed = new Set<string>();
  for (const pattern of patterns) {
    for (const path of [...pathsAt(before, pattern), ...pathsAt(after, pattern)]) {
      if (path.some((_, index) => changed.has(dottedPath(path.slice(0, index + 1))))) continue;
      if (!Bun.deepEquals(valueAt(before, path), valueAt(after, path), true)) changed.add(dottedPath(path));
    }
  }
  return [...changed];
}

/**
 * Secret variables that a write would draw into a place they are not in yet, unless it is made for a secret: from any
 * other place the value could be read, or sent to somebody.
 */
export function newSecretReferences(before: Json, after: Json, secret: readonly Pattern[]): string[] {
  const known = new Set(secretReferences(before, secret));
  return [...new Set(secretReferences(after, secret))].filter((reference) => !known.has(reference));
}

function secretReferences(tree: Json, secret: readonly Pattern[]): string[] {
  return referencesIn(tree)
    .filter(({ name, path }) => isGuardedVariable(name) && !secret.some((pattern) => fits(pattern, path)))
    .map(
      ({ name, path }) =>
        `$\{${name}} at ${dottedPath(path.map((step) => (typeof step === "number" ? "*" : step)))}`,
    );
}

/** What a write would do to sealed values, by their paths (config.md §11.4). */
export interface SealedChanges {
  /** Values that look sealed, and would be changed or removed. */
  readonly touched: readonly { readonly path: Path; readonly text: string }[];
  /** Values that look sealed, where none or another stood: a sealed text says nothing of where it belongs. */
  readonly brought: readonly Path[];
}

/** Compares two trees as they are written; an envelope that is the same to the byte is not changed. */
export function sealedChanges(before: Json, after: Json): SealedChanges {
  const sealedIn = (tree: Json) => textsIn(tree).filter(({ text }) => looksSealed(text));
  return {
    touched: sealedIn(before).filter(({ path, text }) => valueAt(after, path) !== text),
    brought: sealedIn(after)
      .filter(({ path, text }) => valueAt(before, path) !== text)
      .map(({ path }) => path),
  };
}

/** Whether what a tree draws in from elsewhere (includes, variables of its own) is the same in both. */
export function sameSources(before: Json, after: Json): boolean {
  return Bun.deepEquals(
    [includesOf(before), valueAt(before, ["env"])],
    [includesOf(after), valueAt(after, ["env"])],
    true,
  );
}

function includesOf(tree: Json, path: Path = []): Json[] {
  if (Array.isArray(tree)) return tree.flatMap((item, index) => includesOf(item, [...path, index]));
  if (typeof tree !== "object" || tree === null) return [];
  return Object.entries(tree).flatMap(([name, value]) =>
    name === "$include" ? [[dottedPath(path), value]] : includesOf(value, [...path, name]),
  );
}
