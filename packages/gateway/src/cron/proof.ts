import type { CronRun, OutboxMessage } from "@carapace/state";
import { wait } from "../wait.ts";
import type { Ending, TurnEnd } from "./carry.ts";
import type { CronDeps } from "./deps.ts";
import { deliveryKeyOf } from "./turn.ts";

const firstPollMs = 100;
const maxPollMs = 60_000;

/**
 * The outbox's word about a reply: the run is over when its message is.
 * @returns undefined if the gateway stops first: the next process asks again.
 */
export async function proveDelivery(
  { ending, deliveryKey }: TurnEnd,
  run: CronRun,
  { deps, signal }: { readonly deps: CronDeps; readonly signal: AbortSignal },
): Promise<Ending | undefined> {
  if (deliveryKey === undefined) return ending;
  for (let pollMs = firstPollMs; !signal.aborted; pollMs = Math.min(maxPollMs, pollMs * 2)) {
    // As of the run's start: however long ago, it is this run's message.
    const message = await deps.state.outbox.findByKey(deliveryKey, run.startedAtMs);
    if (message === undefined)
      return { ...ending, status: "error", error: "The reply was not put into the outbox." };
    const ended = endOf(message, ending);
    if (ended !== undefined) return ended;
    await nextWord(message.id, pollMs, { deps, signal });
  }
  return undefined;
}

/** Whether a run's reply is in the outbox: its turn has ended then, though the journal may have forgotten it. */
export async function isHandedOver(
  run: CronRun,
  { outbox }: Pick<CronDeps["state"], "outbox">,
): Promise<boolean> {
  return (await outbox.findByKey(deliveryKeyOf(run.id), run.startedAtMs)) !== undefined;
}

function endOf({ id: outboxId, status, lastError }: OutboxMessage, ending: Ending): Ending | undefined {
  if (status === "queued" || status === "sending") return undefined;
  if (status === "sent") return { ...ending, outboxId };
  const why = lastError === undefined ? "." : `: ${lastError}`;
  return {
    ...{ ...ending, outboxId, status: "error" },
    error: `The reply could not be delivered (${status})${why}`,
  };
}

/** Until the outbox says that it has ended, or a while. */
async function nextWord(
  id: string,
  pollMs: number,
  { deps, signal }: { readonly deps: CronDeps; readonly signal: AbortSignal },
): Promise<void> {
  const heard = new AbortController();
  using _following = deps.outbox()?.follow(id, () => heard.abort());
  await wait(pollMs, AbortSignal.any([signal, heard.signal]));
}
