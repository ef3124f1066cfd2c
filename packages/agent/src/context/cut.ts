import type { Message } from "@carapace/state";
import { estimateBlocks } from "./tokens.ts";

/** However short they are, no more messages of earlier turns stay. */
const maxKeptMessages = 200;

/**
 * Pure. Where to cut a history so that at most `keepTokens` and 200 messages of what came before `beforeSeq` stay. A
 * turn is never cut apart: what is kept starts with a user's message.
 * @returns the last `seq` to compact, or undefined if there is nothing before.
 */
export function cutByTokens(
  messages: readonly Message[],
  keepTokens: number,
  beforeSeq: number,
): number | undefined {
  const earlier = messages.filter((message) => message.seq < beforeSeq);
  let tokens = 0;
  let start = earlier.length;
  while (start > 0) {
    tokens += estimateBlocks(earlier[start - 1]?.blocks ?? []);
    if (tokens > keepTokens || earlier.length - start >= maxKeptMessages) break;
    start -= 1;
  }
  while (start < earlier.length && earlier[start]?.role !== "user") start += 1;
  return earlier[start - 1]?.seq;
}

/** Pure. The same, for at least the newest `keep` messages. */
export function cutByCount(
  messages: readonly Message[],
  keep: number,
  beforeSeq: number,
): number | undefined {
  const earlier = messages.filter((message) => message.seq < beforeSeq);
  let start = Math.min(earlier.length, Math.max(0, messages.length - keep));
  while (start > 0 && start < earlier.length && earlier[start]?.role !== "user") start -= 1;
  return earlier[start - 1]?.seq;
}
