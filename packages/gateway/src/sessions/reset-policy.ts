import type { Config } from "@carapace/config";
import type { SessionRepository } from "@carapace/state";
import type { RunRequest } from "../runs/types.ts";

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

interface ResetParts {
  readonly sessions: SessionRepository;
  readonly config: Pick<Config, "channels">;
  readonly nowMs: () => number;
}

/** Starts a request's session anew if its channel's policy says so (state.md §3.2); id, key and metadata stay. */
export async function resetIfDue(
  request: RunRequest,
  { sessions, config, nowMs }: ResetParts,
): Promise<void> {
  const channel = request.metadata.channel ?? "default";
  const policy = Object.hasOwn(config.channels, channel)
    ? config.channels[channel]?.session?.reset
    : undefined;
  if (policy === undefined) return;
  const session = await sessions.find(request.sessionKey);
  if (session === undefined || session.messageCount === 0 || session.damage !== undefined) return;
  if (isDueForReset(policy, session.updatedAtMs, nowMs())) await sessions.reset(session.id, nowMs());
}
