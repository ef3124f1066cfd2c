/**
 * Whether a parsed JSON value is nested deeper than allowed (websocket.md §8): the root has depth 1, every value,
 * scalars too, lies one below its container. Stops at the first value that is too deep; never recurses further.
 */
export function exceedsDepth(value: unknown, maxDepth: number): boolean {
  if (maxDepth < 1) return true;
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (exceedsDepth(item, maxDepth - 1)) return true;
    return false;
  }
  for (const item of Object.values(value)) if (exceedsDepth(item, maxDepth - 1)) return true;
  return false;
}
