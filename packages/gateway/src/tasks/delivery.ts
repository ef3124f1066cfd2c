import { unreachable } from "@carapace/protocol";
import { type EndedMessage, type MessageEndDeps, messageEnd } from "../jobs/message-end.ts";

/**
 * Waits until the reply of a run has gone out, or will not.
 * @param response What was to be delivered: a run without words has nothing to deliver.
 * @returns what went wrong, in a sentence; undefined if it was sent, or the signal fired.
 */
export async function deliveryFault(
  key: string,
  { response = "", signal }: { readonly response: string | undefined; readonly signal: AbortSignal },
  deps: MessageEndDeps,
): Promise<string | undefined> {
  const message = await messageEnd(key, deps, signal);
  if (message !== undefined) return faultOf(message);
  if (signal.aborted || response.trim() === "") return undefined;
  return "its reply was not handed over for delivery; its conversation has it";
}

function faultOf({ status, channel, lastError }: EndedMessage): string | undefined {
  const why = lastError === undefined ? "" : `: ${lastError}`;
  switch (status) {
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
