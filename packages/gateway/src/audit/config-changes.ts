import { isRecord } from "@carapace/protocol";

const maxPaths = 16;

/**
 * Which keys differ between two configurations, as one text; empty if none does. Values are compared, never shown: a
 * changed secret is told by its path only.
 */
export function changedKeys(before: unknown, after: unknown): string {
  return shownPaths([...pathsBetween(before, after, "")]);
}

/** The first of these keys, and how many more there are. */
export function shownPaths(paths: readonly string[]): string {
  const more = paths.length > maxPaths ? `, and ${paths.length - maxPaths} more` : "";
  return `${paths.slice(0, maxPaths).join(", ")}${more}`;
}

function* pathsBetween(before: unknown, after: unknown, path: string): Generator<string> {
  const [old, fresh] = [before ?? {}, after ?? {}];
  if (!isPlain(old) || !isPlain(fresh)) {
    if (!Bun.deepEquals(before, after, true)) yield path;
    return;
  }
  for (const name of new Set([...Object.keys(old), ...Object.keys(fresh)]))
    yield* pathsBetween(old[name], fresh[name], path === "" ? name : `${path}.${name}`);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && Object.getPrototypeOf(value) === Object.prototype;
}
