import type { TranscriptLine } from "./transcript.ts";

const mark = /\s?\[m:([0-9a-zA-Z-]{1,64})\]/g;
const coverage = /\n?Covers messages \[m:([0-9a-zA-Z-]{1,64})\] to \[m:[0-9a-zA-Z-]{1,64}\]\.\s*$/;

/**
 * Pure. Turns a summariser's citations by number into citations by message id, keeps those which the earlier notes had,
 * drops invented ones, and ends with the range of messages covered, so that even careless notes lead back to their
 * sources.
 */
export function citeByIds(notes: string, previous: string, lines: readonly TranscriptLine[]): string {
  const bySeq = new Map(lines.map((line) => [String(line.seq), line.id]));
  const known = new Set([...lines.map((line) => line.id), ...citedIds(previous)]);
  const resolved = withoutCoverage(notes).replace(mark, (whole, name: string) => {
    const id = bySeq.get(name) ?? (known.has(name) ? name : undefined);
    return id === undefined ? "" : `${whole.startsWith("[") ? "" : " "}[m:${id}]`;
  });
  const first = coverage.exec(previous)?.[1] ?? lines[0]?.id;
  const last = lines.at(-1)?.id;
  if (first === undefined || last === undefined) return resolved.trim();
  return `${resolved.trim()}\nCovers messages [m:${first}] to [m:${last}].`;
}

/** Pure. The message ids a text cites, in order, each once. */
export function citedIds(text: string): string[] {
  return [...new Set([...text.matchAll(mark)].map((found) => found[1] ?? ""))];
}

/** Pure. Notes without the closing line on what they cover. */
export function withoutCoverage(notes: string): string {
  return notes.replace(coverage, "");
}
