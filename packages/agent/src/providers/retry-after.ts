import { readRetryAfter } from "@carapace/fetch/retry-after";

/**
 * What a reply's headers ask us to wait: `retry-after-ms`, else `retry-after`.
 * @param headers names in lower case.
 * @returns milliseconds, 0 for a date gone by; undefined if nothing readable is asked.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  const ms = headers["retry-after-ms"]?.trim() ?? "";
  if (/^\d{1,12}(\.\d{1,9})?$/.test(ms)) return Number(ms);
  const after = headers["retry-after"];
  return after === undefined ? undefined : readRetryAfter(after, nowMs);
}
