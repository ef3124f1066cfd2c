import { readRetryAfter } from "@carapace/fetch/retry-after";

/** Whatever a receiver says, a message is tried again within the hour (channels.md §1.9). */
const maxMs = 3_600_000;

/** Pure. The longer of the waits that a header and a body (in seconds) ask for: who asks twice means both. */
export function retryAfterMs(
  { header, seconds }: { readonly header: string | null; readonly seconds?: number | undefined },
  nowMs: number,
): number | undefined {
  const asked = [
    header === null ? undefined : readRetryAfter(header, nowMs),
    seconds === undefined ? undefined : Math.ceil(seconds * 1000),
  ].filter((ms) => ms !== undefined);
  return asked.length === 0 ? undefined : Math.min(Math.max(0, ...asked), maxMs);
}
