import type { Session, State } from "@carapace/state";
import { mainSession } from "../ingress/wake.ts";
import type { RunDelivery } from "../runs/types.ts";
import { findByKey } from "../sessions/find.ts";
import type { HookTurn } from "./agent-request.ts";
import { lastChannel } from "./channel-names.ts";

const maxAttempts = 3;

interface Place {
  readonly channel: string;
  readonly to: string;
}

interface Facts {
  readonly runId: string;
  readonly session: Session | undefined;
  readonly sessions: State["sessions"];
  /** A call, not the owner's configuration, says to whom, unless the place is known otherwise. */
  readonly isCallersChoice: boolean;
  readonly channels: () => ReadonlySet<string>;
}

/**
 * Where the reply of a hook's turn goes: to the channel it names, or the one its conversation last used, else the main
 * conversation. @returns a note where it asked for delivery by name and there is nowhere to deliver to; then the reply
 * stays in its conversation.
 */
export async function deliveryOf(
  turn: Pick<HookTurn, "deliver" | "channel" | "to">,
  { runId, session, sessions, channels, isCallersChoice }: Facts,
): Promise<{ readonly delivery?: RunDelivery; readonly note?: string }> {
  if (!turn.deliver) return {};
  const main = await findByKey(sessions, mainSession);
  const place = placeOf(turn, turn.channel === lastChannel ? [session, main] : [session]);
  if (place === undefined)
    return turn.channel === lastChannel
      ? {}
      : { note: "it is not said to whom the reply goes; it stays in its conversation" };
  if (!channels().has(place.channel))
    return turn.channel === lastChannel
      ? {}
      : { note: "this channel is not set up; the reply stays in its conversation" };
  return {
    delivery: {
      ...place,
      maxAttempts,
      idempotencyKey: `hook-deliver:${runId}`,
      source: { kind: "hook", id: runId },
      ...(isCallersChoice && !isKnown(place, [session, main]) && { isStrangersChoice: true }),
    },
  };
}

/** Whether it is the chat of a conversation that is no hook's: then the owner, or its people, have been there. */
function isKnown(place: Place, sessions: readonly (Session | undefined)[]): boolean {
  return sessions.some((session) => {
    const { channel, chatId, tags = [] } = session?.metadata ?? {};
    return channel === place.channel && chatId === place.to && !tags.some((tag) => tag.startsWith("hook:"));
  });
}

/** The first conversation that has used a channel, or that one, says which chat of it. */
function placeOf(
  { channel, to }: Pick<HookTurn, "channel" | "to">,
  sessions: readonly (Session | undefined)[],
): Place | undefined {
  if (channel !== lastChannel && to !== undefined) return { channel, to };
  for (const session of sessions) {
    const { channel: used, chatId } = session?.metadata ?? {};
    if (used === undefined || chatId === undefined) continue;
    if (channel === lastChannel || channel === used) return { channel: used, to: to ?? chatId };
  }
  return undefined;
}
