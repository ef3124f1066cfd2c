import type { Span } from "./span.ts";

/**
 * Runs that may hold a random secret. A longer alphabet would join words of prose; a run that is cut by another
 * character is judged by its parts.
 */
const runs = /[A-Za-z0-9+/_=-]{20,}/g;
/** Fewer random characters than this are left alone: short ids and words with numbers look the same. */
const fewestMixed = 20;
const fewestPlain = 24;
/** Separate letters and digits of a run; what is this short belongs to whatever stands beside it. */
const neutralLength = 3;

/** What pictures begin with in base64: PNG, JPEG, GIF, WebP, SVG, BMP and PDF. */
const picture = /^(?:iVBORw0KGgo|\/9j\/|R0lGOD|UklGR|PHN2Zy|PD94bWwg|Qk[0-9A-Za-z]|JVBERi0)/;
/** A digest that says so, as lock files and SSH print it: `sha512-…`, `SHA256:…`. */
const digestBefore = /sha-?(?:1|224|256|384|512)[-:=]$/i;
const digestStart = /^sha-?(?:1|224|256|384|512)-/i;
/** What vendors call a request, an answer or a call: the owner needs it to ask them. */
const vendorId = /^(?:req|msg|resp|run|call|toolu|chatcmpl|gen)[_-]/;

/**
 * Finds random text by its look alone (state.md §10 *Better*): runs in which letters and digits change at a rate no
 * word, name or path reaches. Digests, UUIDs and ids in hexadecimal are not found: we print those on purpose, and a
 * secret of that form is known by its name or by its value.
 */
export function findRandom(text: string): readonly Span[] {
  if (text.length < fewestMixed) return [];
  const spans: Span[] = [];
  for (const match of text.matchAll(runs)) {
    const [run] = match;
    const before = text.slice(Math.max(0, match.index - 16), match.index);
    if (isData(run, before)) continue;
    for (const { start, end } of randomIn(run))
      spans.push({ start: match.index + start, end: match.index + end });
  }
  return spans;
}

function isData(run: string, before: string): boolean {
  if (digestBefore.test(before) || digestStart.test(run) || vendorId.test(run)) return true;
  return run.length >= 64 && (before.endsWith("base64,") || picture.test(run));
}

interface Segment {
  readonly start: number;
  readonly end: number;
  readonly kind: "random" | "neutral" | "plain";
}

/** The random groups of one run: what lies between two plain segments and has enough of randomness in it. */
function randomIn(run: string): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  let group: Segment[] = [];
  const close = () => {
    const first = group[0];
    const last = group.at(-1);
    if (first !== undefined && last !== undefined && isRandom(run.slice(first.start, last.end)))
      found.push({ start: first.start, end: last.end });
    group = [];
  };
  for (const segment of segmentsOf(run)) {
    if (segment.kind === "plain") close();
    else group.push(segment);
  }
  close();
  return found;
}

function segmentsOf(run: string): Segment[] {
  const segments: Segment[] = [];
  for (const match of run.matchAll(/[A-Za-z0-9]+/g)) {
    const [part] = match;
    segments.push({ start: match.index, end: match.index + part.length, kind: kindOf(part) });
  }
  return segments;
}

/** Digits, one word in any writing, and hexadecimal of one case are nobody's secret by their look. */
function kindOf(part: string): Segment["kind"] {
  if (part.length <= neutralLength) return "neutral";
  if (/^(?:[0-9]+|[A-Z]?[a-z]+|[A-Z]+|[0-9a-f]+|[0-9A-F]+)$/.test(part)) return "plain";
  return looksWritten(part) ? "plain" : "random";
}

/** Names people write have stretches of letters of one case, or of digits: `getBase64FromString`, `ubuntu2204server`. */
function looksWritten(part: string): boolean {
  let written = 0;
  for (const [stretch] of part.matchAll(/[A-Z]?[a-z]{3,}|[A-Z]{4,}|[0-9]{4,}/g)) written += stretch.length;
  if (isOneCase(part)) return changesIn(part) < part.length * rateOfOneCase(part);
  return written > part.length * 0.54;
}

function isOneCase(part: string): boolean {
  return part === part.toLowerCase() || part === part.toUpperCase();
}

/** Base 32 is capitals with few digits; in small letters that few of them are a name's version. */
function rateOfOneCase(text: string): number {
  return text === text.toUpperCase() ? 0.16 : 0.24;
}

function isRandom(group: string): boolean {
  const letters = group.replace(/[^A-Za-z0-9]+/g, "");
  const isMixed = !isOneCase(letters);
  if (letters.length < (isMixed ? fewestMixed : fewestPlain)) return false;
  // A number every few words is a path or a list; a word in hexadecimal says nothing.
  if (group.length - letters.length > group.length * 0.2) return false;
  const hasDigits = /[0-9]/.test(letters);
  if (!hasDigits && !isMixed) return false;
  const rate = isMixed ? (hasDigits ? 0.24 : 0.3) : rateOfOneCase(letters);
  return changesIn(letters) >= letters.length * rate && entropyOf(letters) >= 3.3;
}

/** How often the kind of character changes; a capital in front of small letters begins a word and is no change. */
function changesIn(text: string): number {
  let changes = 0;
  let last = "";
  for (const character of text) {
    const kind = character >= "a" ? "small" : character >= "A" ? "capital" : "digit";
    if (last !== "" && kind !== last && !(last === "capital" && kind === "small")) changes += 1;
    last = kind;
  }
  return changes;
}

/** Shannon's entropy in bits a character. */
function entropyOf(text: string): number {
  const counts = new Uint32Array(128);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at) & 127;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
