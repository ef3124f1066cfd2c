import type { OutboxMessage } from "@carapace/state";
import type { Channel } from "../adapter.ts";

/** What a channel's receiver knows a repetition by, and for how long. */
export type Deduping = Pick<Channel, "dedupes" | "dedupesForMs">;

/**
 * Pure. Whether what may have arrived can be sent again without arriving twice.
 * @param atMs When it would be sent; Unix ms.
 */
export function mayRepeat(
  { uncertainSinceMs }: Pick<OutboxMessage, "uncertainSinceMs">,
  { dedupes, dedupesForMs }: Deduping,
  atMs: number,
): boolean {
  if (uncertainSinceMs === undefined) return true;
  // A clock that was set back tells nothing.
  const ageMs = Math.abs(atMs - uncertainSinceMs);
  return dedupes && (dedupesForMs === undefined || ageMs < dedupesForMs);
}

/** Pure. It may have arrived since its attempt began, if not since an earlier one. */
export function uncertain(message: OutboxMessage): OutboxMessage {
  const { uncertainSinceMs = message.updatedAtMs } = message;
  return { ...message, uncertainSinceMs };
}

/** Pure. For the person who decides. */
export function mayHaveGoneOutSay(id: string): string {
  return `It may have gone out: look at the other end, then send it again with cara outbox retry ${id}, or not.`;
}
