import { withoutCoverage } from "./citations.ts";
import type { TranscriptLine } from "./transcript.ts";

const maxLineChars = 160;
const maxItems = 60;

/**
 * Pure. Notes without a language model: what the user asked, each with its citation, newest kept when there are too
 * many. The same messages always give the same notes.
 */
export function extractNotes(previous: string, lines: readonly TranscriptLine[]): string {
  const earlier = withoutCoverage(previous)
    .split("\n")
    .filter((line) => line.startsWith("- "));
  const asked = lines.filter((line) => line.role === "user" && line.text !== "").map(item);
  return ["The user said:", ...[...earlier, ...asked].slice(-maxItems)].join("\n");
}

function item(line: TranscriptLine): string {
  const flat = line.text.replace(/\s+/g, " ");
  const sentence = flat.length <= maxLineChars ? flat : `${flat.slice(0, maxLineChars).toWellFormed()}…`;
  return `- ${sentence.replace(/\[m:/g, "(m:")} [m:${line.seq}]`;
}
