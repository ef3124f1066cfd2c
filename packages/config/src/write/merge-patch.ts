import type { Json, JsonObject } from "@carapace/protocol";
import type { Edit } from "../json5/edit.ts";
import type { Path } from "../json5/locate.ts";
import { isJsonObject } from "../load/merge.ts";

/** RFC 7396: null deletes, objects merge, anything else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const merged: Record<string, Json> = isJsonObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(Object.hasOwn(merged, name) ? merged[name] : undefined, value);
  }
  return merged;
}

/** The edits that lead from one object to another: the smallest ones, so that comments around them stay. */
export function editsBetween(before: JsonObject, after: JsonObject, path: Path = []): Edit[] {
  const removed = Object.keys(before)
    .filter((name) => !Object.hasOwn(after, name))
    .map((name): Edit => ({ path: [...path, name], remove: true }));
  const changed = Object.entries(after).flatMap(([name, value]) =>
    editsOf(Object.hasOwn(before, name) ? before[name] : undefined, value, [...path, name]),
  );
  return [...removed, ...changed];
}

function editsOf(old: Json | undefined, value: Json, path: Path): Edit[] {
  if (old !== undefined && Bun.deepEquals(old, value, true)) return [];
  if (isJsonObject(old) && isJsonObject(value)) return editsBetween(old, value, path);
  // A list of another length is written anew: its entries may have moved.
  if (Array.isArray(old) && Array.isArray(value) && old.length === value.length)
    return value.flatMap((item, index) => editsOf(old[index], item, [...path, index]));
  return [{ path, value }];
}
