/**
 * Code points that only dress text up, hide in it or steer a terminal, first and last of each run (cli.md §1); LF and
 * TAB are not among them.
 */
const unsafeRuns: readonly (readonly [first: number, last: number])[] = [
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
  [0x180e, 0x180e],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x2064],
  [0x2066, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0x110bd, 0x110bd],
  [0x110cd, 0x110cd],
  [0x13430, 0x1343f],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0001, 0xe0001],
  [0xe0020, 0xe007f],
  [0xe0100, 0xe01ef],
];

const unsafe = new RegExp(
  `[${unsafeRuns.map(([first, last]) => `${escaped(first)}-${escaped(last)}`).join("")}]`,
  "gu",
);

/** Spaces that look like a plain one, or like none: a plain one is what the reader needs in their place. */
const exoticSpace = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;

function escaped(codePoint: number): string {
  return `\\u{${codePoint.toString(16)}}`;
}

/** Makes text from a peer, a gateway or a model harmless to a terminal. */
export function clean(text: string): string {
  return text.replace(unsafe, "").replace(exoticSpace, " ");
}

/** {@link clean} on one line: for text that must not break out of its row. */
export function cleanLine(text: string): string {
  return clean(text).replace(/[\n\t]+/g, " ");
}

/** {@link clean} for every string of a JSON value, keys included. */
export function cleanJson(value: unknown): unknown {
  if (typeof value === "string") return clean(value);
  if (Array.isArray(value)) return value.map(cleanJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [clean(key), cleanJson(inner)]));
}

/** {@link clean} for text that arrives in pieces: half a surrogate pair waits for its other half. */
export function createPieceCleaner(): (piece: string) => string {
  let held = "";
  return (piece) => {
    const text = held + piece;
    const endsHalf = /[\ud800-\udbff]$/.test(text);
    held = endsHalf ? text.slice(-1) : "";
    return clean(endsHalf ? text.slice(0, -1) : text);
  };
}
