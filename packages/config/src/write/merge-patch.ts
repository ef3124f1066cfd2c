import type { Json, JsonObject } from "@carapace/protocol";
import type { Edit } from "../json5/edit.ts";
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
export function editsBetween(before: JsonObject, after: JsonObject, path: readonly string[] = []): Edit[] {
  const removed = Object.keys(before)
    .filter((name) => !Object.hasOwn(after, name))
    .map((name): Edit => ({ path: [...path, name], remove: true }));
  const changed = Object.entries(after).flatMap(([name, value]): Edit[] => {
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    if (old !== undefined && Bun.deepEquals(old, value, true)) return [];
    const here = [...path, name];
    return isJsonObject(old) && isJsonObject(value)
      ? editsBetween(old, value, here)
      : [{ path: here, value }];
  });
  return [...removed, ...changed];
}
