import { stripUnsafe } from "@carapace/config/redaction";

/** Nobody's key in one piece is longer; what is longer still streams, that far behind. */
const maxHeld = 4096;
/** The same for a value whose end only its context can tell. */
const maxHeldValue = 512;

/** Only these end a word in every spelling: exotic spaces may be hiding places within a secret. */
const wordBreak = /[ \t\r\n]/;

/**
 * Pure. How much of a text's end must wait, because what comes next could make it a part of a secret: the last word,
 * unless it is plain prose; the groups of a recovery key; and whatever a known secret begins with.
 * @param known secrets as they may be spelt
 * @returns UTF-16 units, bounded by 4096 or the longest known secret
 */
export function heldBack(text: string, known: readonly string[]): number {
  const held = Math.max(heldWord(text), heldGroups(text), heldKnown(text, known));
  const isInsidePair = /[\ud800-\udbff]$/.test(text.slice(0, text.length - held).slice(-1));
  return isInsidePair ? held + 1 : held;
}

/** The spellings in which a text may name a secret: as it is, in JSON, in an address. */
export function spellings(secrets: readonly string[]): string[] {
  const all = secrets.flatMap((given) => {
    const secret = given.trim();
    // Shorter ones the redactor does not look for either.
    if (secret.length < 6) return [];
    const inJson = JSON.stringify(secret).slice(1, -1);
    return secret.isWellFormed() ? [secret, inJson, encodeURIComponent(secret)] : [secret, inJson];
  });
  return [...new Set(all)];
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

function heldKnown(text: string, known: readonly string[]): number {
  const tail = text.slice(-2 * Math.max(0, ...known.map((secret) => secret.length)));
  const bare = stripUnsafe(tail) === tail ? undefined : bareText(tail);
  let held = 0;
  for (const secret of known) {
    held = Math.max(held, beginning(tail, secret));
    if (bare !== undefined) held = Math.max(held, hiddenBeginning(bare, secret));
  }
  return held;
}

/** The length of the longest end of a text with which a secret begins, but for the whole secret. */
function beginning(text: string, secret: string): number {
  const last = text.at(-1);
  for (let length = Math.min(text.length, secret.length - 1); length > 0; length -= 1)
    if (secret[length - 1] === last && text.endsWith(secret.slice(0, length))) return length;
  return 0;
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

/** The same where characters that draw nothing, or other blanks, stand between those of the secret. */
function hiddenBeginning({ text, fromEnd }: BareText, secret: string): number {
  const length = beginning(text, secret.replace(/\s/g, ""));
  return length === 0 ? 0 : (fromEnd[text.length - length] ?? 0);
}
