import type { Json } from "@carapace/protocol";
import type { Path } from "./json5/locate.ts";

/** True for an object with keys: not null, not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands in a tree one step down: under an own key, or at an index; undefined if it is not there. */
export function childOf(node: Json | undefined, step: string | number): Json | undefined;
export function childOf(node: unknown, step: string | number): unknown;
export function childOf(node: unknown, step: string | number): unknown {
  if (Array.isArray(node)) return typeof step === "number" ? node[step] : undefined;
  return isRecord(node) && Object.hasOwn(node, step) ? node[step] : undefined;
}

/** What stands at a path of a tree, or undefined. */
export function valueAt(tree: Json | undefined, path: readonly (string | number)[]): Json | undefined;
export function valueAt(tree: unknown, path: readonly (string | number)[]): unknown;
export function valueAt(tree: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((node, step) => childOf(node, step), tree);
}

/** A text of a tree, and where it stands. */
export interface PlacedText {
  readonly path: Path;
  readonly text: string;
}

/** Every text of a tree. */
export function textsIn(tree: Json | undefined, path: Path = []): PlacedText[] {
  if (typeof tree === "string") return [{ path, text: tree }];
  if (Array.isArray(tree)) return tree.flatMap((item, index) => textsIn(item, [...path, index]));
  if (!isRecord(tree)) return [];
  return Object.entries(tree).flatMap(([name, value]) => textsIn(value, [...path, name]));
}
