import { type Fence, fencesByLine, openFence } from "./fence.ts";

/** With less room than this a code block's own lines would fill it. */
const minChars = 128;

/**
 * Pure. Cuts a text into pieces of at most so many UTF-16 units: between paragraphs if it can be, else between lines, else
 * between words, never within a character. A code block that is cut is closed at the end of a piece and opened again in the
 * next. No piece is blank.
 */
export function splitText(text: string, maxChars: number): string[] {
  const limit = Math.max(maxChars, minChars);
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > limit) {
    const { piece, left } = cutOne(rest, limit);
    pieces.push(piece);
    rest = left;
  }
  pieces.push(rest);
  return pieces.filter((piece) => piece.trim() !== "");
}

function cutOne(text: string, limit: number): { readonly piece: string; readonly left: string } {
  const wide = cutAt(text, limit);
  const fence = openFence(text.slice(0, wide));
  if (fence === undefined) return plain(text, wide);
  // The line that closes the block needs its room.
  const narrow = cutAt(text, limit - fence.closer.length - 1);
  const inner = openFence(text.slice(0, narrow));
  return inner === undefined ? plain(text, narrow) : fenced(text, narrow, inner);
}

function plain(text: string, at: number) {
  return {
    piece: text.slice(0, at).trimEnd(),
    left: text.slice(at).replace(/^(?:[^\S\n]*\n)+|^[^\S\n]+/, ""),
  };
}

function fenced(text: string, at: number, { opener, closer }: Fence) {
  const left = text.slice(at).replace(/^\n/, "");
  // The block ends right here: it need not be opened again.
  const closing = /^ {0,3}(?:`{3,}|~{3,})[^\S\n]*(?:\n|$)/.exec(left)?.[0];
  const isEnd = closing?.trim().startsWith(closer) === true;
  const piece = `${text.slice(0, at).replace(/\n$/, "")}\n${closer}`;
  return { piece, left: isEnd ? left.slice(closing?.length) : `${opener}\n${left}` };
}

/** Where the first piece ends: at the best boundary that does not leave it nearly empty. */
function cutAt(text: string, limit: number): number {
  const window = text.slice(0, limit + 1);
  const least = Math.floor(limit / 3);
  const fences = fencesByLine(window);
  const outside = (at: number) => fences.get(at) === undefined;
  return (
    lastOf(window, /\n[^\S\n]*\n/g, { least, limit, fits: outside }) ??
    lastOf(window, /\n/g, { least, limit, fits: outside }) ??
    lastOf(window, /\n/g, { least, limit }) ??
    lastOf(window, /\s+/g, { least, limit }) ??
    withinWord(text, limit)
  );
}

interface Wanted {
  readonly least: number;
  readonly limit: number;
  readonly fits?: (at: number) => boolean;
}

function lastOf(window: string, boundary: RegExp, { least, limit, fits }: Wanted): number | undefined {
  const found = [...window.matchAll(boundary)].map(({ index }) => index);
  return found.findLast((at) => at >= least && at <= limit && (fits === undefined || fits(at)));
}

/** Before the character that would not fit; one that is longer than a piece is cut between its code points. */
function withinWord(text: string, limit: number): number {
  const beyond = text.slice(0, limit + 64);
  const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(beyond);
  const whole = segments.containing(limit)?.index ?? limit;
  if (whole > limit / 2) return whole;
  return /[\udc00-\udfff]/.test(text.charAt(limit)) ? limit - 1 : limit;
}
