import type { Json } from "@carapace/protocol";
import { looksSealed } from "@carapace/secrets/envelope-kind";
import { isGuardedVariable } from "../guarded-variables.ts";
import { referencesIn } from "../load/as-written.ts";
import { dottedPath } from "../load/issue-path.ts";
import { isJsonObject } from "../load/merge.ts";
import { childOf, valueAt } from "../record.ts";
import type { Pattern } from "../schema/guarded.ts";

type Path = readonly (string | number)[];

/** Protected keys whose value is not the same in both trees; an unchanged copy is fine (config.md §10). */
export function protectedChanges(before: Json, after: Json, patterns: readonly Pattern[]): string[] {
  const changed: string[] = [];
  for (const pattern of patterns) {
    for (const path of [...pathsAt(before, pattern), ...pathsAt(after, pattern)]) {
      const key = dottedPath(path);
      if (changed.some((outer) => key === outer || key.startsWith(`${outer}.`))) continue;
      if (!Bun.deepEquals(valueAt(before, path), valueAt(after, path), true)) changed.push(key);
    }
  }
  return changed;
}

/** The paths of a tree that a pattern stands for. */
function pathsAt(tree: Json | undefined, [step, ...rest]: Pattern, path: Path = []): Path[] {
  if (tree === undefined) return [];
  if (step === undefined) return [path];
  const names = step === "*" ? namesIn(tree) : [step];
  return names.flatMap((name) => pathsAt(childOf(tree, name), rest, [...path, name]));
}

function namesIn(tree: Json): (string | number)[] {
  if (Array.isArray(tree)) return [...tree.keys()];
  return isJsonObject(tree) ? Object.keys(tree) : [];
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

function fits(pattern: Pattern, path: Path): boolean {
  return (
    pattern.length === path.length && pattern.every((step, index) => step === "*" || step === path[index])
  );
}

/**
 * Sealed values a write would change, remove or bring in while they cannot be opened: their paths. Nobody can tell
 * what stands in them, so nothing may be put over them (config.md §11.4).
 */
export function sealedChanges(before: Json, after: Json): string[] {
  const changed = new Set<string>();
  for (const path of sealedPaths(before)) {
    if (valueAt(after, path) !== valueAt(before, path)) changed.add(dottedPath(path));
  }
  for (const path of sealedPaths(after)) {
    if (valueAt(after, path) !== valueAt(before, path)) changed.add(dottedPath(path));
  }
  return [...changed];
}

function sealedPaths(tree: Json, path: Path = []): Path[] {
  if (looksSealed(tree)) return [path];
  if (Array.isArray(tree)) return tree.flatMap((item, index) => sealedPaths(item, [...path, index]));
  if (typeof tree !== "object" || tree === null) return [];
  return Object.entries(tree).flatMap(([name, value]) => sealedPaths(value, [...path, name]));
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
