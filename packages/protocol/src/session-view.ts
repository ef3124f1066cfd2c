import { z } from "zod";

const nullable = z.string().nullable();

export const SessionStatusView = z.enum(["active", "paused", "archived", "compacting", "unknown"]);
export type SessionStatusView = z.infer<typeof SessionStatusView>;

/** A session in the answer to a change or a load: *SE* of websocket.md §12.4. */
export const SessionEntry = z.object({
  sessionId: z.string(),
  updatedAt: z.number(),
  label: nullable,
  thinkingLevel: nullable,
  model: nullable,
  channel: nullable,
  chatId: nullable,
  agentId: nullable,
  userId: nullable,
  status: SessionStatusView,
});
export type SessionEntry = z.infer<typeof SessionEntry>;

export const SessionKind = z.enum(["direct", "group", "global", "unknown"]);
export type SessionKind = z.infer<typeof SessionKind>;

/** A session in a list: *SR* of websocket.md §12.4. */
export const SessionRow = z.object({
  /** Null for locked rows, which are other gateways' (encrypted, key missing). */
  key: nullable,
  kind: z.union([SessionKind, z.literal("locked")]),
  access: z.enum(["available", "locked"]),
  encrypted: z.boolean().optional(),
  label: nullable,
  displayName: nullable,
  channel: nullable,
  chatId: nullable,
  userId: nullable,
  updatedAt: z.number(),
  sessionId: z.string(),
  messageCount: z.number().nullable(),
  thinkingLevel: nullable,
  model: nullable,
  /** With `includeLastMessage`: at most 200 bytes. */
  lastMessagePreview: z.string().optional(),
  /** With `includeDerivedTitles`: at most 60 bytes. */
  derivedTitle: z.string().optional(),
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
  id: z.string(),
  role: z.enum(["user", "assistant", "system", "tool", "unknown"]),
  content: z.string(),
  ts: z.number(),
  /** An accepted message whose turn has not begun: it is durable, but not yet in the history. */
  status: z.literal("waiting").optional(),
});
export type MessageView = z.infer<typeof MessageView>;

/** What a new connection is told of the default session. */
export const SessionDefaults = z.object({
  defaultAgentId: z.string(),
  mainKey: z.string(),
  mainSessionKey: z.string(),
  scope: z.string(),
});
export type SessionDefaults = z.infer<typeof SessionDefaults>;
