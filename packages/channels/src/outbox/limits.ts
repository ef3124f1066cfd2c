import { defaultBackoff } from "./backoff.ts";
import type { OutboxLimits } from "./types.ts";

export const usualLimits: OutboxLimits = {
  maxPendingPerChannel: 1000,
  backoff: defaultBackoff,
  attemptTimeoutMs: 60_000,
  mediaTimeoutMs: 300_000,
  closeBudgetMs: 5000,
  storeAgainMs: 5000,
};

/** After so many attempts that the process did not survive, a message is not tried any more. */
export const maxInterruptions = 5;
