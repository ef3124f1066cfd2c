import { z } from "zod";
import { MaybeText, NullableNum, NullableText, Num, Text } from "./scalars.ts";

export const SessionStatusView = z.enum(["active", "paused", "archived", "compacting", "unknown"]);
export type SessionStatusView = z.infer<typeof SessionStatusView>;

/** Why the session is only to be read: a stored record of it does not verify. Our own; absent while all is well. */
const Damage = MaybeText;

/** A session in the answer to a change or a load: *SE* of websocket.md §12.4. */
export const SessionEntry = z.object({
  sessionId: Text,
  updatedAt: Num,
  label: NullableText,
  thinkingLevel: NullableText,
  model: NullableText,
  channel: NullableText,
  chatId: NullableText,
  agentId: NullableText,
  userId: NullableText,
  status: SessionStatusView,
  damage: Damage,
});
export type SessionEntry = z.infer<typeof SessionEntry>;

export const SessionKind = z.enum(["direct", "group", "global", "unknown"]);
export type SessionKind = z.infer<typeof SessionKind>;

/** A session in a list: *SR* of websocket.md §12.4. */
export const SessionRow = z.object({
  /** Null for locked rows, which are other gateways' (encrypted, key missing). */
  key: NullableText,
  kind: z.union([SessionKind, z.literal("locked")]),
  access: z.enum(["available", "locked"]),
  encrypted: z.boolean().optional(),
  label: NullableText,
  displayName: NullableText,
  channel: NullableText,
  chatId: NullableText,
  userId: NullableText,
  updatedAt: Num,
  sessionId: Text,
  messageCount: NullableNum,
  thinkingLevel: NullableText,
  model: NullableText,
  damage: Damage,
  /** With `includeLastMessage`: at most 200 bytes. */
  lastMessagePreview: MaybeText,
  /** With `includeDerivedTitles`: at most 60 bytes. */
  derivedTitle: MaybeText,
});
export type SessionRow = z.infer<typeof SessionRow>;

/** The kind of a session, from its key and the chat it belongs to. */
export function sessionKind(key: string, chatId: string | undefined): SessionKind {
  if (key === "global" || key === "unknown") return key;
  return isGroupId(key) || isGroupId(chatId ?? "") ? "group" : "direct";
}

function isGroupId(id: string): boolean {
  return id.includes(":group:") || id.includes(":channel:");
}

/** One message of a history. */
export const MessageView = z.object({
  id: Text,
  role: z.enum(["user", "assistant", "system", "tool", "unknown"]),
  content: Text,
  ts: Num,
  /** An accepted message whose turn has not begun: it is durable, but not yet in the history. */
  status: z.literal("waiting").optional(),
});
export type MessageView = z.infer<typeof MessageView>;

/** What a new connection is told of the default session. */
export const SessionDefaults = z.object({
  defaultAgentId: Text,
  mainKey: Text,
  mainSessionKey: Text,
  scope: Text,
});
export type SessionDefaults = z.infer<typeof SessionDefaults>;
