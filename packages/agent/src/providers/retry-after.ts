/**
 * What a reply's headers ask us to wait: `retry-after-ms`, else `retry-after` as seconds or as an HTTP date
 * (RFC 9110 §10.2.3).
 * @param headers names in lower case.
 * @returns milliseconds, 0 for a date gone by; undefined if nothing readable is asked.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  const ms = decimal(headers["retry-after-ms"]);
  if (ms !== undefined) return ms;
  const after = headers["retry-after"];
  const seconds = decimal(after);
  if (seconds !== undefined) return seconds * 1000;
  // A date always names its weekday or month: digits alone must not be read as a year.
  if (after === undefined || !/[a-z]{3}/i.test(after)) return undefined;
  const atMs = Date.parse(after);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,9}(\.\d{1,9})?\s*$/.test(text) ? Number(text) : undefined;
}
