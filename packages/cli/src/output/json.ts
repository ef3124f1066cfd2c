/** JSON as scripts get it: 2 spaces, keys sorted, no final newline (cli.md §1). */
export function prettyJson(value: unknown): string {
  return JSON.stringify(sorted(value), null, 2) ?? "null";
}

/** JSON on one line, keys sorted. */
export function compactJson(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? "null";
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
