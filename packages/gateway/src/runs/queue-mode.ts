import type { Config } from "@carapace/config";
import type { SessionRepository } from "@carapace/state";
import type { QueueMode } from "./queue.ts";

interface QueueModeDeps {
  readonly sessions: Pick<SessionRepository, "findById">;
  readonly config: () => Pick<Config, "channels" | "session">;
}

/** The queue mode in force in a session: that of its channel, else the one for all. */
export async function queueModeOf(
  sessionId: string,
  { sessions, config }: QueueModeDeps,
): Promise<QueueMode> {
  const { channels, session } = config();
  const channel = (await sessions.findById(sessionId))?.metadata.channel ?? "default";
  const own = Object.hasOwn(channels, channel) ? channels[channel]?.session?.queueMode : undefined;
  return own ?? session.queueMode;
}
