import type { Json, JsonObject } from "@carapace/protocol";
import { looksSealed } from "@carapace/secrets/envelope-kind";
import { textsIn } from "../record.ts";
import { redacted } from "../redaction/index.ts";
import { isJsonObject } from "./merge.ts";
import { placeholders } from "./substitute.ts";

/** A variable that a text of a tree refers to, and where. */
export interface Reference {
  readonly name: string;
  readonly path: readonly (string | number)[];
}

/** Every variable the texts of a tree refer to, each place of it. */
export function referencesIn(tree: Json): Reference[] {
  return textsIn(tree).flatMap(({ path, text }) => placeholders(text).map((name) => ({ name, path })));
}

/**
 * A loaded tree for showing: a text with placeholders stays as it was written, for whoever may read the configuration
 * may not read the environment with it. What was sealed is not shown open.
 * @param written the merged tree before secrets were opened and variables substituted
 */
export function asWritten(written: JsonObject, resolved: JsonObject): JsonObject {
  return members(written, resolved);
}

function members(written: JsonObject, resolved: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(resolved).map(([name, value]) => [
      name,
      Object.hasOwn(written, name) ? shown(written[name], value) : value,
    ]),
  );
}

function shown(written: Json | undefined, resolved: Json): Json {
  if (typeof written === "string" && typeof resolved === "string") {
    if (looksSealed(written) && written !== resolved) return redacted;
    return placeholders(written).length > 0 ? written : resolved;
  }
  if (Array.isArray(written) && Array.isArray(resolved))
    return resolved.map((item, index) => shown(written[index], item));
  return isJsonObject(written) && isJsonObject(resolved) ? members(written, resolved) : resolved;
}
