import type { Outbox } from "@carapace/channels";
import type { OutboxMessage, State } from "@carapace/state";
import { wait } from "../wait.ts";

/** A message that has ended. */
export type EndedMessage = OutboxMessage & {
  readonly status: Exclude<OutboxMessage["status"], "queued" | "sending">;
};

export interface MessageEndDeps {
  readonly outbox: Pick<State["outbox"], "findByKey"> & {
    /** Absent while nothing carries messages. */
    readonly follow?: Outbox["follow"] | undefined;
  };
}

const firstLookMs = 100;
/** It is told when a message has ended; should that get lost, it is looked at again after so long. */
const maxLookMs = 60_000;

/**
 * Waits until the message of a key has ended.
 * @returns undefined if there is none, or the signal fired first.
 */
export async function messageEnd(
  key: string,
  { outbox }: MessageEndDeps,
  signal: AbortSignal,
): Promise<EndedMessage | undefined> {
  // As of the beginning of time: a job's key is its own, however long ago its message ended.
  const look = async () => await outbox.findByKey(key, 0);
  for (let lookMs = firstLookMs; !signal.aborted; lookMs = Math.min(maxLookMs, lookMs * 2)) {
    const found = await look();
    if (found === undefined || hasEnded(found)) return found;
    const over = new AbortController();
    using _following = outbox.follow?.(found.id, () => over.abort());
    // Followed first: it may have ended in between.
    const again = await look();
    if (again === undefined || hasEnded(again)) return again;
    await wait(lookMs, AbortSignal.any([signal, over.signal]));
  }
  return undefined;
}

function hasEnded(message: OutboxMessage): message is EndedMessage {
  return message.status !== "queued" && message.status !== "sending";
}
