import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { isRecord } from "../../link/json.ts";

/** A parsed file: objects without inherited names, at most 32 levels and 100 000 values. */
export type Tree = null | boolean | number | string | readonly Tree[] | TreeObject;
export interface TreeObject {
  readonly [name: string]: Tree;
}

const maxDepth = 32;
const maxValues = 100_000;

/** Names that no honest file uses, and that mean something else to a JavaScript object. */
const treacherous: readonly string[] = ["__proto__", "constructor", "prototype"];

/** What a parser gave, made safe. */
export interface CleanTree {
  readonly tree: TreeObject;
  /** The paths of names that were left out. */
  readonly dropped: readonly string[];
}

/**
 * Pure. Anchors of YAML may make one value appear many times, or inside itself: hence the limits.
 * @returns `invalid_request`, with a predicate that quotes nothing
 */
export function cleanTree(parsed: unknown): Result<CleanTree> {
  if (!isRecord(parsed)) return refuse("invalid_request", "does not hold an object");
  const work: Work = { left: maxValues, dropped: [] };
  try {
    return ok({ tree: cleanObject(parsed, [], work), dropped: work.dropped });
  } catch (error) {
    if (error instanceof TooMuch) return refuse("invalid_request", error.message);
    throw error;
  }
}

interface Work {
  left: number;
  readonly dropped: string[];
}

class TooMuch extends Error {}

function cleanObject(value: object, path: readonly string[], work: Work): TreeObject {
  const clean: Record<string, Tree> = {};
  for (const [name, inner] of Object.entries(value)) {
    if (treacherous.includes(name)) work.dropped.push([...path, name].join("."));
    else clean[name] = cleanValue(inner, [...path, name], work);
  }
  return clean;
}

function cleanValue(value: unknown, path: readonly string[], work: Work): Tree {
  work.left -= 1;
  if (work.left < 0) throw new TooMuch(`holds more than ${maxValues} values`);
  if (path.length > maxDepth) throw new TooMuch(`is nested deeper than ${maxDepth} levels`);
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, [...path, ""], work));
  if (isRecord(value)) return cleanObject(value, path, work);
  if (typeof value === "string" || typeof value === "boolean") return value;
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** The value at a path of names; undefined if it is not there. */
export function valueAt(tree: Tree | undefined, ...path: readonly string[]): Tree | undefined {
  let value = tree;
  for (const name of path) {
    if (value === undefined || !isTreeObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** The entries of the object at a path, none if there is no object. */
export function entriesAt(
  tree: Tree | undefined,
  ...path: readonly string[]
): readonly (readonly [string, Tree])[] {
  const value = valueAt(tree, ...path);
  return value !== undefined && isTreeObject(value) ? Object.entries(value) : [];
}

/** True for an object: not null, not a list. */
export function isTreeObject(value: Tree | undefined): value is TreeObject {
  return isRecord(value);
}
