import { ok, type Result, refuse } from "@carapace/protocol";
import type { Runs } from "../runs/types.ts";
import { endsWithin } from "../wait.ts";

const patienceMs = 5000;

/**
 * Cancels what runs and waits in a session and waits until it is gone, so that its history may be taken away.
 * @returns `unavailable` if a turn does not let go within 5 s.
 */
export async function stopRuns(runs: Runs, sessionKey: string): Promise<Result<undefined>> {
  // Asked in any case: a message that is just being accepted is durable already, though it waits nowhere yet.
  await runs.abortSession(sessionKey);
  const isGone = await endsWithin(patienceMs, runs.idle(sessionKey));
  return isGone ? ok(undefined) : refuse("unavailable", "a turn of this session is still ending; try again");
}
