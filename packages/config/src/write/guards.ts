import type { Json } from "@carapace/protocol";
import { parseKey, valueAt } from "../key-path.ts";
import { looksSealed } from "../load/envelope.ts";
import { dottedPath } from "../load/issue-path.ts";
import { protectedPaths } from "../secret-paths.ts";

type Path = readonly (string | number)[];

/** Protected keys whose value is not the same in both trees; an unchanged copy is fine (config.md §10). */
export function protectedChanges(before: Json, after: Json): string[] {
  return protectedPaths.filter((key) => {
    const path = parseKey(key) ?? [];
    return !Bun.deepEquals(valueAt(before, path), valueAt(after, path), true);
  });
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
