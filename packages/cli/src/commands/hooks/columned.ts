/** Rows below their headings, each column as wide as its widest cell; the last is left as it is. Pure. */
export function columned(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((name, index) =>
    Math.max(name.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  return [headings, ...rows]
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
