/** Code points that only dress text up, hide in it or steer a terminal; LF and TAB stay (cli.md §1). */
const unsafe =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufe00-\ufe0f\ufeff\ufff9-\ufffb\u{110bd}\u{110cd}\u{13430}-\u{1343f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}\u{e0100}-\u{e01ef}]/gu;

/** Spaces that look like a plain one, or like none: a plain one is what the reader needs in their place. */
const exoticSpace = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;

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
