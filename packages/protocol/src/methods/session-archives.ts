import { z } from "zod";
import { clamped, flag, methods, required } from "./contract.ts";
import { sessionParams } from "./metadata-params.ts";

const { key, sessionKey } = sessionParams;
const keyParams = { key, sessionKey };
const ok = z.literal(true);

const CompactResult = z.object({
  ok,
  key: z.string(),
  compacted: z.boolean(),
  kept: z.number().optional(),
  messagesCompacted: z.number().optional(),
  reason: z.string().optional(),
});

const ArchiveResult = z.union([
  z.object({
    ok,
    key: z.string(),
    archived: z.literal(true),
    archivePath: z.string(),
    messageCount: z.number(),
    archiveSize: z.number(),
    archivedAt: z.number(),
    historyDeleted: z.boolean(),
  }),
  z.object({
    ok,
    key: z.string(),
    archived: z.literal(false),
    reason: z.enum(["not_found", "already_archived"]),
  }),
]);

const RestoreResult = z.union([
  z.object({
    ok,
    key: z.string(),
    restored: z.literal(true),
    messageCount: z.number(),
    restoredAt: z.number(),
  }),
  z.object({
    ok,
    key: z.string(),
    restored: z.literal(false),
    reason: z.enum(["not_found", "not_archived"]),
  }),
]);

const ArchiveRow = z.object({
  key: z.string(),
  sessionId: z.string(),
  label: z.string().nullable(),
  messageCount: z.number(),
  archiveSize: z.number(),
  updatedAt: z.number(),
  createdAt: z.number(),
});

const UserExport = z.object({
  user_id: z.string(),
  /** RFC 3339. */
  exported_at: z.string(),
  session_count: z.number(),
  sessions: z.array(z.object({ session: z.unknown(), messages: z.array(z.unknown()) })),
  warnings: z.array(z.string()),
});

/** Shortening, putting away and handing out conversations (websocket.md §12.4). */
export const sessionArchiveMethods = methods({
  "sessions.compact": {
    access: "admin",
    summary: "Summarise a session's older messages",
    params: z.object({ ...keyParams, maxLines: clamped(400, 1, 100_000) }),
    result: CompactResult,
  },
  "sessions.archive": {
    access: "admin",
    summary: "Put a session away",
    params: z.object({ ...keyParams, deleteHistory: flag(false) }),
    result: ArchiveResult,
  },
  "sessions.restore": {
    access: "admin",
    summary: "Bring an archived session back",
    params: z.object(keyParams),
    result: RestoreResult,
  },
  "sessions.archives": {
    access: "admin",
    summary: "List archived sessions",
    params: z.object({ limit: clamped(100, 1, 1000), offset: clamped(0, 0, Number.MAX_SAFE_INTEGER) }),
    result: z.object({ ts: z.number(), total: z.number(), count: z.number(), archives: z.array(ArchiveRow) }),
  },
  "sessions.archive.delete": {
    access: "admin",
    summary: "Delete an archive",
    params: z.object(keyParams),
    result: z.object({
      ok,
      key: z.string(),
      deleted: z.boolean(),
      reason: z.literal("not_found").optional(),
    }),
  },
  "sessions.export_user": {
    access: "admin",
    summary: "Export all sessions of a user",
    params: z.object({ userId: required("userId") }),
    result: z.object({ ok, data: UserExport, warnings: z.array(z.string()) }),
  },
});
