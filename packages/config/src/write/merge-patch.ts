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
  if (Array.isArray(old) && Array.isArray(value)) return editsOfList(old, value, path);
  return [{ path, value }];
}

/** Entries that left or came at the end, one by one; a list that changed otherwise in length is written anew. */
function editsOfList(old: readonly Json[], value: readonly Json[], path: Path): Edit[] {
  if (old.length === value.length)
    return value.flatMap((item, index) => editsOf(old[index], item, [...path, index]));
  const differs = old.findIndex((item, index) => !Bun.deepEquals(item, value[index], true));
  if (differs < 0) {
    return value
      .slice(old.length)
      .map((item, index) => ({ path: [...path, old.length + index], value: item }));
  }
  const gone = old.length - value.length;
  const isRest = gone > 0 && Bun.deepEquals(old.slice(differs + gone), value.slice(differs), true);
  if (!isRest) return [{ path, value: [...value] }];
  return Array.from({ length: gone }, () => ({ path: [...path, differs], remove: true }));
}
