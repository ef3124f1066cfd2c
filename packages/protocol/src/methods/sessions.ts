import { z } from "zod";
import { MessageView, SessionDefaults, SessionEntry, SessionRow } from "../session-view.ts";
import { clamped, flag, lenient, methods, optionalText, required } from "./contract.ts";
import { metadataParams, sessionParams } from "./metadata-params.ts";

const { key, sessionKey } = sessionParams;
/** Exactly one session, by its key under either name; `key is required` is the handler's answer to neither. */
const keyParams = { key, sessionKey };
const ok = z.literal(true);
const Changed = z.object({ ok, key: z.string(), entry: SessionEntry });

const SessionsListParams = z.object({
  limit: clamped(1000, 1, 1000),
  offset: clamped(0, 0, Number.MAX_SAFE_INTEGER),
  agentId: optionalText(),
  channel: optionalText(),
  userId: optionalText(),
  status: optionalText(),
  activeMinutes: lenient(z.number().min(0)),
  label: optionalText(),
  search: optionalText(),
  includeGlobal: flag(false),
  includeUnknown: flag(false),
  includeLastMessage: flag(false),
  includeDerivedTitles: flag(false),
});

const SessionsListResult = z.object({
  ts: z.number(),
  path: z.string(),
  count: z.number(),
  defaults: z.object({ modelProvider: z.null(), model: z.null(), contextTokens: z.null() }),
  sessions: z.array(SessionRow),
});

const SessionsPreviewResult = z.object({
  ts: z.number(),
  previews: z.array(
    z.object({
      key: z.string(),
      status: z.enum(["ok", "empty", "missing", "error"]),
      items: z.array(z.object({ role: z.string(), text: z.string() })),
    }),
  ),
});

/** Reading conversations and changing what they are called (websocket.md §12.4). */
export const sessionMethods = methods({
  "sessions.list": {
    access: "read",
    summary: "List sessions, newest first",
    params: SessionsListParams,
    result: SessionsListResult,
  },
  "sessions.preview": {
    access: "read",
    summary: "Show the last lines of some sessions",
    params: z.object({
      keys: lenient(z.array(z.string()).transform((keys) => keys.slice(0, 64))),
      limit: clamped(12, 1, 1000),
      maxChars: clamped(240, 20, 100_000),
    }),
    result: SessionsPreviewResult,
  },
  "sessions.load": {
    access: "read",
    summary: "Load a session with its messages",
    params: z.object({ ...sessionParams, includeMessages: flag(true), limit: clamped(200, 0, 1000) }),
    result: z.object({
      ok,
      key: z.string(),
      sessionId: z.string(),
      messageCount: z.number(),
      entry: SessionEntry,
      messages: z.array(MessageView),
    }),
  },
  "sessions.create": {
    access: "admin",
    summary: "Create a session",
    params: z.object({ ...keyParams, ...metadataParams }),
    result: Changed,
  },
  "sessions.fork": {
    access: "admin",
    summary: "Copy a session under a new key",
    params: z.object({
      ...sessionParams,
      ...metadataParams,
      newKey: optionalText(),
      targetKey: optionalText(),
      copyHistory: flag(true),
      limit: clamped(200, 0, 1000),
    }),
    result: Changed.extend({ sourceKey: z.string() }),
  },
  "sessions.rename": {
    access: "admin",
    summary: "Name a session",
    params: z.object({ ...keyParams, label: optionalText(), name: optionalText() }),
    result: Changed,
  },
  "sessions.switch": {
    access: "admin",
    summary: "Make a session the default of this connection",
    params: z.object({ ...sessionParams, scope: optionalText() }),
    result: Changed.extend({ defaults: SessionDefaults }),
  },
  "sessions.patch": {
    access: "admin",
    summary: "Change what is known of a session; creates it if missing",
    params: z.object({ ...keyParams, ...metadataParams }),
    result: Changed.extend({ path: z.string() }),
  },
  "sessions.reset": {
    access: "admin",
    summary: "Clear a session's history; creates it if missing",
    params: z.object(keyParams),
    result: Changed,
  },
  "sessions.delete": {
    access: "admin",
    summary: "Delete a session",
    params: z.object(keyParams),
    result: z.object({ ok, key: z.string(), deleted: z.boolean() }),
  },
  "sessions.purge_user": {
    access: "admin",
    summary: "Delete all sessions of a user",
    params: z.object({ userId: required("userId") }),
    result: z.object({ ok, userId: z.string(), sessionsDeleted: z.number(), sessionsTotal: z.number() }),
  },
});
