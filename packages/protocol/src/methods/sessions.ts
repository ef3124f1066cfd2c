import { z } from "zod";
import { Bool, Num, Text, Texts, True } from "../scalars.ts";
import { MessageView, SessionDefaults, SessionEntry, SessionRow } from "../session-view.ts";
import {
  clamped,
  defaultFalse,
  defaultTrue,
  lenient,
  methods,
  notWellFormed,
  optionalKey,
  optionalText,
  requiredKey,
} from "./contract.ts";
import { metadataParams, sessionParams } from "./metadata-params.ts";

const { key, sessionKey } = sessionParams;
/** Exactly one session, by its key under either name; `key is required` is the handler's answer to neither. */
const keyParams = { key, sessionKey };
const Changed = () => z.object({ ok: True, key: Text, entry: SessionEntry });

const SessionsListParams = () =>
  z.object({
    limit: clamped(1000, 1, 1000),
    offset: clamped(0, 0, Number.MAX_SAFE_INTEGER),
    agentId: optionalKey("agentId"),
    channel: optionalKey("channel"),
    userId: optionalKey("userId"),
    status: optionalText,
    activeMinutes: lenient(z.number().min(0)),
    label: optionalText,
    search: optionalText,
    includeGlobal: defaultFalse,
    includeUnknown: defaultFalse,
    includeLastMessage: defaultFalse,
    includeDerivedTitles: defaultFalse,
  });

const SessionsListResult = () =>
  z.object({
    ts: Num,
    path: Text,
    count: Num,
    defaults: z.object({ modelProvider: z.null(), model: z.null(), contextTokens: z.null() }),
    sessions: z.array(SessionRow),
  });

const SessionsPreviewResult = () =>
  z.object({
    ts: Num,
    previews: z.array(
      z.object({
        key: Text,
        status: z.enum(["ok", "empty", "missing", "error"]),
        items: z.array(z.object({ role: Text, text: Text })),
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
    params: () =>
      z.object({
        keys: firstTexts(64),
        limit: clamped(12, 1, 1000),
        maxChars: clamped(240, 20, 100_000),
      }),
    result: SessionsPreviewResult,
  },
  "sessions.load": {
    access: "read",
    summary: "Load a session with its messages",
    params: () => z.object({ ...sessionParams, includeMessages: defaultTrue, limit: clamped(200, 0, 1000) }),
    result: () =>
      z.object({
        ok: True,
        key: Text,
        sessionId: Text,
        messageCount: Num,
        entry: SessionEntry,
        messages: z.array(MessageView),
      }),
  },
  "sessions.create": {
    access: "admin",
    summary: "Create a session",
    params: () => z.object({ ...keyParams, ...metadataParams }),
    result: Changed,
  },
  "sessions.fork": {
    access: "admin",
    summary: "Copy a session under a new key",
    params: () =>
      z.object({
        ...sessionParams,
        ...metadataParams,
        newKey: optionalKey("newKey"),
        targetKey: optionalKey("targetKey"),
        copyHistory: defaultTrue,
        limit: clamped(200, 0, 1000),
      }),
    result: () => Changed().extend({ sourceKey: Text }),
  },
  "sessions.rename": {
    access: "admin",
    summary: "Name a session",
    params: () => z.object({ ...keyParams, label: optionalText, name: optionalText }),
    result: Changed,
  },
  "sessions.switch": {
    access: "admin",
    summary: "Make a session the default of this connection",
    params: () => z.object({ ...sessionParams, scope: optionalText }),
    result: () => Changed().extend({ defaults: SessionDefaults }),
  },
  "sessions.patch": {
    access: "admin",
    summary: "Change what is known of a session; creates it if missing",
    params: () => z.object({ ...keyParams, ...metadataParams }),
    result: () => Changed().extend({ path: Text }),
  },
  "sessions.reset": {
    access: "admin",
    summary: "Clear a session's history; creates it if missing",
    params: () => z.object(keyParams),
    result: Changed,
  },
  "sessions.delete": {
    access: "admin",
    summary: "Delete a session",
    params: () => z.object(keyParams),
    result: () => z.object({ ok: True, key: Text, deleted: Bool }),
  },
  "sessions.purge_user": {
    access: "admin",
    summary: "Delete all sessions of a user",
    params: () => z.object({ userId: requiredKey("userId") }),
    result: () => z.object({ ok: True, userId: Text, sessionsDeleted: Num, sessionsTotal: Num }),
  },
});

/** Those after the first ones are not even looked at. */
function firstTexts(count: number) {
  const cut = (list: readonly string[]) => (Array.isArray(list) ? list.slice(0, count) : list);
  return z
    .preprocess(cut, lenient(Texts))
    .optional()
    .refine((keys) => keys?.every((key) => key.isWellFormed()) ?? true, notWellFormed("keys"));
}
