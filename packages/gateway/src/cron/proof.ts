import type { CronRun } from "@carapace/state";
import { type EndedMessage, messageEnd } from "../jobs/message-end.ts";
import type { Ending, TurnEnd } from "./carry.ts";
import type { CronDeps } from "./deps.ts";
import { deliveryKeyOf } from "./turn.ts";

/**
 * The outbox's word about a reply: the run is over when its message is.
 * @returns undefined if the gateway stops first: the next process asks again.
 */
export async function proveDelivery(
  { ending, deliveryKey }: TurnEnd,
  { deps, signal }: { readonly deps: CronDeps; readonly signal: AbortSignal },
): Promise<Ending | undefined> {
  if (deliveryKey === undefined) return ending;
  const outbox = { findByKey: deps.state.outbox.findByKey, follow: deps.outbox()?.follow };
  const message = await messageEnd(deliveryKey, { outbox }, signal);
  if (message !== undefined) return endOf(message, ending);
  return signal.aborted
    ? undefined
    : { ...ending, status: "error", error: "The reply was not put into the outbox." };
}

/** Whether a run's reply is in the outbox: its turn has ended then, though the journal may have forgotten it. */
export async function isHandedOver(
  run: CronRun,
  { outbox }: Pick<CronDeps["state"], "outbox">,
): Promise<boolean> {
  return (await outbox.findByKey(deliveryKeyOf(run.id), run.startedAtMs)) !== undefined;
}

function endOf({ id: outboxId, status, lastError }: EndedMessage, ending: Ending): Ending {
  if (status === "sent") return { ...ending, outboxId };
  const why = lastError === undefined ? "." : `: ${lastError}`;
  return {
    ...{ ...ending, outboxId, status: "error" },
    error: `The reply could not be delivered (${status})${why}`,
  };
}
