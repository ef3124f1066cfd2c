import { type Result, refuse } from "@carapace/protocol/failures";
import { type CleanTree, cleanTree } from "./tree.ts";

export type TreeFormat = "json" | "yaml";

/**
 * Parses a file of another program. JSON may have comments and final commas, as JSON5 and JSONC have them; of a name
 * that stands twice the last one counts, as for the programs themselves. YAML is read as data: tags make nothing.
 * @returns the safe tree, or `invalid_request` with a predicate that quotes nothing of the file
 */
export function parseTree(text: string, format: TreeFormat): Result<CleanTree> {
  let parsed: unknown;
  try {
    parsed = format === "yaml" ? Bun.YAML.parse(text) : Bun.JSON5.parse(text);
  } catch (error) {
    if (error instanceof RangeError) return refuse("invalid_request", "is nested too deep");
    if (error instanceof SyntaxError) return refuse("invalid_request", `is not ${names[format]}`);
    throw error;
  }
  // An empty YAML file is a null: no settings, and nothing wrong.
  return cleanTree(parsed ?? (format === "yaml" ? {} : parsed));
}

const names: Readonly<Record<TreeFormat, string>> = { json: "valid JSON", yaml: "valid YAML" };
