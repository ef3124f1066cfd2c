import type { RunDelivery } from "../runs/types.ts";
import type { AgentTurn } from "./inbound.ts";

/** With `bestEffortDeliver` (agent.md §13). */
const bestEffortAttempts = 3;

/** Where the reply of a job's turn goes; undefined if nowhere, or if the job does not say where to. Pure. */
export function jobDelivery(
  { deliver, channel, to, bestEffortDeliver }: AgentTurn,
  facts: Pick<RunDelivery, "idempotencyKey" | "source">,
): RunDelivery | undefined {
  if (deliver !== true || channel === undefined || to === undefined) return undefined;
  const maxAttempts = bestEffortDeliver === true ? bestEffortAttempts : 1;
  return { channel: channel.toLowerCase(), to, maxAttempts, ...facts };
}
