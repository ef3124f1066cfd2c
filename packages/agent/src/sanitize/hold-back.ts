import { stripUnsafe } from "@carapace/config/redaction";
import type { Beginnings } from "./beginnings.ts";

/** Nobody's key in one piece is longer; what is longer still streams, that far behind. */
const maxHeld = 4096;
/** The same for a value whose end only its context can tell. */
const maxHeldValue = 512;

/** Only these end a word in every spelling: exotic spaces may be hiding places within a secret. */
const wordBreak = /[ \t\r\n]/;

/**
 * Pure. How much of a text's end must wait, because what comes next could make it a part of a secret: the last word,
 * unless it is plain prose; the groups of a recovery key; and whatever a known secret begins with.
 * @param known secrets in all their spellings
 * @returns UTF-16 units, bounded by 4096 or the longest known secret
 */
export function heldBack(text: string, known: Beginnings): number {
  const held = Math.max(heldWord(text), heldGroups(text), heldKnown(text, known));
  const isInsidePair = /[\ud800-\udbff]$/.test(text.slice(0, text.length - held).slice(-1));
  return isInsidePair ? held + 1 : held;
}

/** A word or a number of prose, as far as it has come; two letters may yet become `sk-…`. */
const plainWord = /^(?:[A-Za-z][a-z]{2,12}|[A-Za-z]{1,2}(?=[.,!?;)])|[0-9]{1,4})[.,!?;)]{0,3}$/;
/** What stands before a value rather than before prose. */
const label = /(?:[=:"'\\]|\b(?:bearer|basic|token|bot|apikey))[ \t\r\n]*$/i;

function heldWord(text: string): number {
  const start = wordStart(text);
  const word = text.slice(start);
  if (word === "") return 0;
  if (plainWord.test(word) && !label.test(text.slice(Math.max(0, start - 24), start))) return 0;
  if (/[=:"'@]/.test(word)) return Math.min(word.length, isKeyText(word) ? maxHeld : maxHeldValue);
  return Math.min(trailingKeyText(word), maxHeld);
}

function wordStart(text: string): number {
  const from = Math.max(0, text.length - maxHeld);
  for (let at = text.length - 1; at >= from; at -= 1) if (wordBreak.test(text.charAt(at))) return at + 1;
  return from;
}

/** Keys are ASCII; text in other scripts, which has no blanks between words, must not wait for one. */
function isKeyText(word: string): boolean {
  return trailingKeyText(word) === word.length;
}

function trailingKeyText(word: string): number {
  let length = 0;
  while (length < word.length && isKeyCharacter(word.charAt(word.length - 1 - length))) length += 1;
  return length;
}

function isKeyCharacter(character: string): boolean {
  if (character >= "!" && character <= "~") return true;
  return stripUnsafe(character) !== character;
}

const group = "[1-9A-HJ-NP-Za-km-z]{4}";
/** The beginning of a Matrix recovery key: twelve groups with blanks between, of which none alone gives it away. */
const groups = new RegExp(`(?<![1-9A-HJ-NP-Za-km-z])(?:${group}\\s){1,11}[1-9A-HJ-NP-Za-km-z]{0,4}$`);

function heldGroups(text: string): number {
  const found = groups.exec(text.slice(-72))?.[0];
  if (found === undefined) return 0;
  // Prose has words of four letters in a row, too, but not of mixed case, and not many of them.
  return /\w[A-Z]|[0-9]/.test(found) || found.length > 20 ? found.length : 0;
}

function heldKnown(text: string, known: Beginnings): number {
  const tail = text.slice(-2 * known.longest);
  const held = known.written(tail);
  if (known.longest === 0 || stripUnsafe(tail) === tail) return held;
  // Characters that draw nothing, or other blanks, may stand between those of a secret.
  const bare = bareText(tail);
  const length = known.bare(bare.text);
  return length === 0 ? held : Math.max(held, bare.fromEnd[bare.text.length - length] ?? 0);
}

/** A text without what draws nothing, and without blanks. */
interface BareText {
  readonly text: string;
  /** How far each unit is from the end of the original, the unit included. */
  readonly fromEnd: readonly number[];
}

function bareText(original: string): BareText {
  const fromEnd: number[] = [];
  let text = "";
  for (let at = 0; at < original.length; ) {
    const character = String.fromCodePoint(original.codePointAt(at) ?? 0);
    const shown = character >= " " && character <= "~" ? character.trim() : stripUnsafe(character).trim();
    for (let unit = 0; unit < shown.length; unit += 1) fromEnd.push(original.length - at);
    text += shown;
    at += character.length;
  }
  return { text, fromEnd };
}
