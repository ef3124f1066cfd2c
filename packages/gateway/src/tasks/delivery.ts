import { unreachable } from "@carapace/protocol";
import type { OutboxMessage, State } from "@carapace/state";
import { wait } from "../wait.ts";

export interface Deliveries {
  readonly outbox: Pick<State["outbox"], "findByKey">;
  readonly nowMs: () => number;
}

const firstLookMs = 100;
const maxLookMs = 15_000;

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
  for (let lookMs = firstLookMs; !signal.aborted; lookMs = Math.min(maxLookMs, lookMs * 2)) {
    const message = await outbox.findByKey(key, nowMs());
    if (message === undefined) {
      const hadWords = response !== undefined && response.trim() !== "";
      return hadWords ? "its reply was not handed over for delivery; its conversation has it" : undefined;
    }
    const end = endOf(message);
    if (end !== "pending") return end;
    await wait(lookMs, signal);
  }
  return undefined;
}

function endOf(message: OutboxMessage): string | undefined | "pending" {
  const { status, channel, lastError } = message;
  const why = lastError === undefined ? "" : `: ${lastError}`;
  switch (status) {
    case "queued":
    case "sending":
      return "pending";
    case "sent":
      return undefined;
    case "failed":
      return `its reply could not be delivered through ${channel}${why}`;
    case "cancelled":
      return `the delivery of its reply through ${channel} was dropped${why}`;
    case "expired":
      return `its reply was not delivered through ${channel} in time${why}`;
    default:
      return unreachable(status);
  }
}
