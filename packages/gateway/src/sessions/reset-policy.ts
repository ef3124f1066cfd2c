/** When a session starts anew by itself (`channels.<id>.session.reset`). */
export interface ResetPolicy {
  readonly mode: "manual" | "daily" | "idle";
  readonly idleMinutes: number;
}

const dayMs = 86_400_000;

/** Whether a session last touched then has to start anew: daily at UTC midnight, idle after so many minutes. Pure. */
export function isDueForReset(policy: ResetPolicy | undefined, updatedAtMs: number, nowMs: number): boolean {
  switch (policy?.mode) {
    case "daily":
      return updatedAtMs < nowMs - (nowMs % dayMs);
    case "idle":
      return nowMs - updatedAtMs >= policy.idleMinutes * 60_000;
    default:
      return false;
  }
}
