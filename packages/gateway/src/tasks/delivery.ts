import type { Outbox } from "@carapace/channels";
import { unreachable } from "@carapace/protocol";
import type { OutboxMessage, State } from "@carapace/state";
import { wait } from "../wait.ts";

export interface Deliveries {
  readonly outbox: Pick<State["outbox"], "findByKey"> & Pick<Outbox, "follow">;
  readonly nowMs: () => number;
}

/** It is told when a message has ended; should that get lost, it is looked at again after so long. */
const lookAgainMs = 60_000;

/**
 * Waits until the reply of a run has gone out, or will not.
 * @param response What was to be delivered: a run without words has nothing to deliver.
 * @returns what went wrong, in a sentence; undefined if it was sent, or the signal fired.
 */
export async function deliveryEnd(
  key: string,
  { response, signal }: { readonly response: string | undefined; readonly signal: AbortSignal },
  { outbox, nowMs }: Deliveries,
): Promise<string | undefined> {
  while (!signal.aborted) {
    const found = await outbox.findByKey(key, nowMs());
    if (found === undefined) {
      const hadWords = response !== undefined && response.trim() !== "";
      return hadWords ? "its reply was not handed over for delivery; its conversation has it" : undefined;
    }
    const over = new AbortController();
    using _following = outbox.follow(found.id, () => over.abort());
    // Followed first: it may have ended in between.
    const end = endOf((await outbox.findByKey(key, nowMs())) ?? found);
    if (end.kind === "ended") return end.say;
    await wait(lookAgainMs, AbortSignal.any([signal, over.signal]));
  }
  return undefined;
}

/** `say`: what went wrong; absent if it was sent. */
type End = { readonly kind: "pending" } | { readonly kind: "ended"; readonly say?: string };

function endOf({ status, channel, lastError }: OutboxMessage): End {
  const why = lastError === undefined ? "" : `: ${lastError}`;
  switch (status) {
    case "queued":
    case "sending":
      return { kind: "pending" };
    case "sent":
      return { kind: "ended" };
    case "failed":
      return { kind: "ended", say: `its reply could not be delivered through ${channel}${why}` };
    case "cancelled":
      return { kind: "ended", say: `the delivery of its reply through ${channel} was dropped${why}` };
    case "expired":
      return { kind: "ended", say: `its reply was not delivered through ${channel} in time${why}` };
    default:
      return unreachable(status);
  }
}
