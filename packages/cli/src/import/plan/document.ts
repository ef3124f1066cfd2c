import type { Json, JsonObject } from "@carapace/protocol";
import type { Mapping } from "../types.ts";

/** A configuration with these settings and nothing else. Pure; keys are those of `settings.ts`, never a source's. */
export function documentOf(mappings: readonly Pick<Mapping, "key" | "value">[]): JsonObject {
  return mappings.reduce<JsonObject>((tree, { key, value }) => withKey(tree, key.split("."), value), {});
}

function withKey(tree: JsonObject, [name = "", ...rest]: readonly string[], value: Json): JsonObject {
  if (rest.length === 0) return { ...tree, [name]: value };
  const inner = tree[name];
  const below =
    typeof inner === "object" && inner !== null && !Array.isArray(inner) ? (inner as JsonObject) : {};
  return { ...tree, [name]: withKey(below, rest, value) };
}
