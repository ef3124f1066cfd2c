import type { Json } from "@carapace/protocol";
import type { Path } from "../json5/locate.ts";
import { isJsonObject } from "../load/merge.ts";
import { childOf } from "../record.ts";
import type { Pattern } from "../schema/guarded.ts";

/** The paths of a tree that a pattern stands for. */
export function pathsAt(tree: Json | undefined, [step, ...rest]: Pattern, path: Path = []): Path[] {
  if (tree === undefined) return [];
  if (step === undefined) return [path];
  const names = step === "*" ? namesIn(tree) : [step];
  return names.flatMap((name) => pathsAt(childOf(tree, name), rest, [...path, name]));
}

function namesIn(tree: Json): (string | number)[] {
  if (Array.isArray(tree)) return [...tree.keys()];
  return isJsonObject(tree) ? Object.keys(tree) : [];
}

/** Whether a path is one the pattern stands for. */
export function fits(pattern: Pattern, path: Path): boolean {
  return (
    pattern.length === path.length && pattern.every((step, index) => step === "*" || step === path[index])
  );
}

/** A copy with one value put in or, for undefined, taken out; undefined if a list index is not there. */
export function withValue(node: Json | undefined, path: Path, value: Json | undefined): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === "number") {
    if (!Array.isArray(node) || step >= node.length) return undefined;
    const inner = withValue(node[step], rest, value);
    if (inner === undefined)
      return value === undefined && rest.length === 0 ? node.filter((_, index) => index !== step) : undefined;
    return node.map((item, index) => (index === step ? inner : item));
  }
  const fields: Record<string, Json> = isJsonObject(node) ? { ...node } : {};
  const inner = withValue(Object.hasOwn(fields, step) ? fields[step] : undefined, rest, value);
  if (inner !== undefined) fields[step] = inner;
  else if (value === undefined && rest.length === 0) delete fields[step];
  else return undefined;
  return fields;
}
