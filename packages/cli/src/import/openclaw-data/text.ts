import { cleanLine } from "../../output/clean.ts";

/** Pure. Text of the source as a title or a part of a sentence: one line, nothing that steers a terminal, this long. */
export function shortLine(text: string, maxChars: number): string {
  const line = cleanLine(storable(text.slice(0, 8 * maxChars)))
    .trim()
    .replace(/\s+/g, " ");
  const chars = [...line];
  return chars.length <= maxChars ? line : `${chars.slice(0, maxChars - 1).join("")}…`;
}

/** Pure. Text as the database keeps it unchanged: without NUL, and without halves of characters. */
export function storable(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}
