/**
 * Code points that draw nothing, dress text up or steer a terminal, first and last of each run: the list of cli.md §1
 * without its spaces, and whatever else Unicode calls ignorable. LF and TAB are not among them.
 */
const hiddenRuns: readonly (readonly [first: number, last: number])[] = [
  [0x0000, 0x0008],
  [0x000b, 0x001f],
  [0x007f, 0x009f],
  [0x00ad, 0x00ad],
  [0x034f, 0x034f],
  [0x0600, 0x0605],
  [0x061c, 0x061c],
  [0x06dd, 0x06dd],
  [0x070f, 0x070f],
  [0x0890, 0x0891],
  [0x08e2, 0x08e2],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0x110bd, 0x110bd],
  [0x110cd, 0x110cd],
  [0x13430, 0x1343f],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
];

/** Spaces that look like a plain one, or like none (cli.md §1). */
const spaceRuns: readonly (readonly [first: number, last: number])[] = [
  [0x00a0, 0x00a0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
];

const hidden = anyOf(hiddenRuns);
const exoticSpace = anyOf(spaceRuns);
const unsafe = anyOf([...hiddenRuns, ...spaceRuns]);

function anyOf(runs: readonly (readonly [number, number])[]): RegExp {
  const escaped = (codePoint: number) => `\\u{${codePoint.toString(16)}}`;
  return new RegExp(`[${runs.map(([first, last]) => `${escaped(first)}-${escaped(last)}`).join("")}]`, "gu");
}

/**
 * Makes text harmless to a terminal and to a reader (cli.md §1): characters that are invisible, control or turn text
 * around are taken out, exotic spaces become plain ones. LF and TAB stay.
 */
export function stripUnsafe(text: string): string {
  return text.replace(hidden, "").replace(exoticSpace, " ");
}

/** A text as a search may see it, and where its units stand in the original. */
export interface View {
  readonly text: string;
  /** @returns the offset in the original of the unit at this offset of the view */
  at(offset: number): number;
}

/**
 * What to search for secrets: a hidden character or an exotic space can split a secret, and can glue it to a word so
 * that its beginning is missed. So a text with such characters is seen as it is (a secret may hold one itself), with
 * plain spaces in place of them all, as a reader will see it, and without any.
 */
export function viewsOf(text: string): readonly View[] {
  const same = (offset: number) => offset;
  if (text.search(unsafe) < 0) return [{ text, at: same }];
  // As long as what it replaces: offsets stay the same.
  const blank = (found: string) => " ".repeat(found.length);
  return [
    { text, at: same },
    { text: text.replace(unsafe, blank), at: same },
    without(hidden, text.replace(exoticSpace, " ")),
    without(unsafe, text),
  ];
}

function without(gaps: RegExp, text: string): View {
  const pieces: string[] = [];
  const offsets = new Uint32Array(text.length);
  let length = 0;
  const keep = (from: number, to: number) => {
    pieces.push(text.slice(from, to));
    for (let offset = from; offset < to; offset += 1) offsets[length++] = offset;
  };
  let from = 0;
  for (const found of text.matchAll(gaps)) {
    keep(from, found.index);
    from = found.index + found[0].length;
  }
  keep(from, text.length);
  return { text: pieces.join(""), at: (offset) => offsets[offset] ?? text.length };
}
