/** How wide help is where no terminal says otherwise, and at most. */
const usualColumns = 116;
/** Narrower terminals break lines themselves. */
const fewestColumns = 40;

/** How many columns help may take on a terminal of this width. Pure. */
export function helpColumns(terminal: number | undefined): number {
  if (terminal === undefined || terminal <= 0) return usualColumns;
  return Math.min(usualColumns, Math.max(fewestColumns, terminal));
}

/**
 * Breaks a paragraph between words into lines of at most so many characters; a longer word has a line of its own.
 * Line ends of its own count as blanks. Pure.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
