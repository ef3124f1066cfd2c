import { cleanLine } from "../output/clean.ts";
import { shortened, tableLines } from "../output/table.ts";
import type { Plan } from "./plan/finish.ts";
import type { Mapping, Reading } from "./types.ts";

const maxValueCharacters = 40;
const hiddenValue = "[REDACTED]";

/** A value as it may be shown. */
export function shownValue({ value, isSecret }: Mapping): string {
  return isSecret ? hiddenValue : shortened(String(value), maxValueCharacters);
}

/** Pure. The files that were found, one a line. */
export function fileLines({ files }: Reading): readonly string[] {
  return files.map(({ path, target }) =>
    cleanLine(target === undefined ? `Found ${path}` : `Found ${path}, which leads to ${target}`),
  );
}

/** Pure. The table of what would be written, then what would not, with why. */
export function previewLines({ mappings, skips }: Plan): readonly string[] {
  const rows = mappings.map((mapping) => [mapping.source, mapping.key, shownValue(mapping)]);
  const table = rows.length === 0 ? [] : tableLines(["Source", "Key", "Value"], rows);
  const left = skips.map(({ path, reason }) => cleanLine(`  ${path} - ${reason}`));
  return [...table, ...(left.length === 0 ? [] : [...(rows.length === 0 ? [] : [""]), "Skipped:", ...left])];
}
