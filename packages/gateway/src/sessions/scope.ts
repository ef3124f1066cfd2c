import { hintedSessionKey, SessionKey } from "@carapace/protocol";

export type SessionScope = "per-sender" | "global" | "per-channel-peer";

/** Who speaks where, as far as it is known; blank counts as unknown. */
export interface Speaker {
  readonly channel?: string | undefined;
  readonly sender?: string | undefined;
  readonly peer?: string | undefined;
}

/** The session a message belongs to when nobody named one (state.md §3.2). Pure. */
export function scopedSessionKey(scope: SessionScope, speaker: Speaker): SessionKey {
  const channel = filled(speaker.channel) ?? "default";
  const sender = filled(speaker.sender) ?? "unknown";
  const peer = filled(speaker.peer) ?? sender;
  const tail = { "per-sender": sender, global: "global", "per-channel-peer": peer }[scope];
  const key = SessionKey.safeParse(`${channel}:${tail}`);
  // A sender with an endless name still has one session of its own.
  return key.success ? key.data : hintedSessionKey(`${channel}:${tail}`);
}

/** The key of a session made for an agent without a key of its own (state.md §3.2). */
export function createdSessionKey(parts: {
  agentId?: string | undefined;
  channel?: string | undefined;
  chatId?: string | undefined;
}): SessionKey {
  const key = [parts.agentId, parts.channel, parts.chatId].map((part) => filled(part) ?? "default").join(":");
  return SessionKey.safeParse(key).data ?? hintedSessionKey(key);
}

function filled(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}
