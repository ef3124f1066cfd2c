import { stripUnsafe } from "@carapace/config/redaction";

/** {@link stripUnsafe} on one line: for text that must not break out of its row. */
export function cleanLine(text: string): string {
  return stripUnsafe(text).replace(/[\n\t]+/g, " ");
}

/** {@link stripUnsafe} for every string of a JSON value, keys included. */
export function cleanJson(value: unknown): unknown {
  if (typeof value === "string") return stripUnsafe(value);
  if (Array.isArray(value)) return value.map(cleanJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [stripUnsafe(key), cleanJson(inner)]),
  );
}

/** {@link stripUnsafe} for text that arrives in pieces: half a surrogate pair waits for its other half. */
export function createPieceCleaner(): (piece: string) => string {
  let held = "";
  return (piece) => {
    const text = held + piece;
    const endsHalf = /[\ud800-\udbff]$/.test(text);
    held = endsHalf ? text.slice(-1) : "";
    return stripUnsafe(endsHalf ? text.slice(0, -1) : text);
  };
}
