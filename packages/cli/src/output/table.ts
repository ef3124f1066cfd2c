import { cleanLine } from "./clean.ts";

type Lines = readonly (readonly string[])[];

/**
 * A table as lines: headings, then rows, each column as wide as its widest cell. What comes from elsewhere is cleaned
 * here. Pure.
 * @param below For each row the lines that stand under it, indented.
 */
export function tableLines(headings: readonly string[], rows: Lines, below: Lines = []): string[] {
  const cells = [headings, ...rows].map((row) => row.map(cleanLine));
  const widths = headings.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const [heading = "", ...lines] = cells.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const notes = (at: number) => (below[at] ?? []).map((note) => `  ${cleanLine(note)}`);
  return [heading, ...lines.flatMap((line, at) => [line, ...notes(at)])];
}

/** A text for a cell that must not become too wide. Pure. */
export function shortened(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1).toWellFormed()}…`;
}
