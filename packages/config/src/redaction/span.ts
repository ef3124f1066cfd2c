import { stripUnsafe } from "./unsafe.ts";

/** What stands in the place of a secret. */
export const redacted = "[REDACTED]";

/** A stretch of a text that must not be shown: offsets in UTF-16 units, `end` excluded. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** What the reader sees instead; {@link redacted} unless given. */
  readonly mark?: string;
}

/** A way to recognise secrets: it tells where they are, in any order, and never changes the text. Linear in its length. */
export type Finder = (text: string) => readonly Span[];

/** The text with its spans covered and everything else safe to show. Spans that overlap get one mark: the outer one's. */
export function cover(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return stripUnsafe(text);
  const sorted = spans.toSorted((a, b) => a.start - b.start || b.end - a.end);
  let shown = "";
  let from = 0;
  for (const { start, end, mark = redacted } of sorted) {
    if (start >= from) shown += stripUnsafe(text.slice(from, start)) + mark;
    from = Math.max(from, end);
  }
  return shown + stripUnsafe(text.slice(from));
}
