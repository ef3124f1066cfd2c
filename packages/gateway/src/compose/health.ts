import { type HealthResult, policy } from "@carapace/protocol";
import type { State } from "@carapace/state";
import type { Hub } from "../connection/hub.ts";

export interface HealthDeps {
  readonly startedAtMs: number;
  readonly hub: Pick<Hub, "counters">;
  /** Undefined while the state is being opened. */
  readonly state: () => Pick<State, "damage"> | undefined;
}

/** What `health` answers (websocket.md §12.1): degraded once a stored record did not verify, with the reasons. */
export function createHealth({ startedAtMs, hub, state }: HealthDeps): () => HealthResult {
  return () => {
    const ws = {
      ...hub.counters(),
      matrixVerificationRateLimitDropTotal: 0,
      maxBufferedBytes: policy.maxBufferedBytes,
    };
    const reasons = (state()?.damage() ?? []).map((damage) => damage.say);
    if (reasons.length === 0) return { ts: startedAtMs, status: "healthy", ws };
    return { ts: startedAtMs, status: "degraded", reasons, ws };
  };
}
