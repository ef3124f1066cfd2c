import type { SearchWord } from "./query.ts";

const maxLength = 240;
const lead = 80;

/** Letters without case and accents, as the index compares them. */
function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** @returns a part of the text around the first word that was searched for, at most 240 characters. */
export function snippet(text: string, words: readonly SearchWord[]): string {
  if (text.length <= maxLength) return text;
  const start = Math.max(0, Math.min(firstMatch(text, words) - lead, text.length - maxLength + 1));
  const from = start === 0 ? 0 : nextBreak(text, start);
  const head = from === 0 ? "" : "…";
  const room = maxLength - head.length;
  if (text.length - from <= room) return head + text.slice(from);
  return `${head}${wholeCharacters(text.slice(from, from + room - 1))}…`;
}

function firstMatch(text: string, words: readonly SearchWord[]): number {
  const wanted = words.map((word) => fold(word.text.match(/[\p{L}\p{N}]+/u)?.[0] ?? ""));
  for (const found of text.matchAll(/[\p{L}\p{N}]+/gu)) {
    const folded = fold(found[0]);
    if (wanted.some((word) => word !== "" && folded.startsWith(word))) return found.index;
  }
  return 0;
}

// Starts at a word if one begins soon.
function nextBreak(text: string, start: number): number {
  const space = text.slice(start, start + 20).search(/\s/u);
  const at = space < 0 ? start : start + space + 1;
  return isLowSurrogate(text, at) ? at + 1 : at;
}

function wholeCharacters(text: string): string {
  return isHighSurrogate(text, text.length - 1) ? text.slice(0, -1) : text;
}

function isLowSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}

function isHighSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800;
}
