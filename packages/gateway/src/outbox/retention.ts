import type { State } from "@carapace/state";
import type { Log } from "../log/log.ts";

const dayMs = 86_400_000;
/** Their keys stand for them as long (channels.md §1.9). */
const endedKeptMs = dayMs;
/** Dead letters. */
const failedKeptMs = 30 * dayMs;
const maxFailed = 10_000;

export interface OutboxRetentionDeps {
  readonly outbox: Pick<State["outbox"], "prune">;
  readonly nowMs: () => number;
  readonly log: Pick<Log, "debug" | "warn">;
}

/** Forgets messages that ended long enough ago. Never throws. */
export async function retainOutbox({ outbox, nowMs, log }: OutboxRetentionDeps): Promise<void> {
  const at = nowMs();
  const kept = { endedBeforeMs: at - endedKeptMs, failedBeforeMs: at - failedKeptMs, maxFailed };
  try {
    const forgotten = await outbox.prune(kept);
    if (forgotten > 0) log.debug("old messages of the outbox were forgotten", { forgotten });
  } catch (error) {
    log.warn("old messages of the outbox could not be forgotten", { error });
  }
}
