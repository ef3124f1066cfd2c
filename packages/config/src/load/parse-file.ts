import type { Json } from "@carapace/protocol";
import { parseJson5 } from "../json5/parse.ts";
import { LoadError } from "./failure.ts";

/** Values of one configuration, included files and all: a hostile one must not fill the memory with complaints. */
export const maxValues = 50_000;

/**
 * Parses a file's text. @param left how many values it may have @returns the tree and how many it has
 * @throws LoadError `ParseError`, or `ValidationError` for too many values
 */
export function parseFile(file: string, text: string, left: number): { tree: Json; values: number } {
  const parsed = parseJson5(text);
  if (!parsed.ok) {
    const { say, offset } = parsed.fault;
    throw new LoadError("ParseError", say, offset === undefined ? { file, text } : { file, text, offset });
  }
  const values = countValues(parsed.value, left);
  if (values <= left) return { tree: parsed.value, values };
  const say = `there are more than ${maxValues} values; this cannot be a configuration`;
  throw new LoadError("ValidationError", say, { file, text, offset: 0 });
}

/** Stops counting soon after `limit`. */
function countValues(tree: Json, limit: number): number {
  if (typeof tree !== "object" || tree === null) return 1;
  let count = 1;
  for (const value of Object.values(tree)) {
    count += countValues(value, limit - count);
    if (count > limit) break;
  }
  return count;
}
