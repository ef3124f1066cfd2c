import { z } from "zod";
import { Anything, Bool, MaybeNum, MaybeText, NullableText, Num, Text, Texts, True } from "../scalars.ts";
import { clamped, defaultFalse, methods, requiredKey } from "./contract.ts";
import { sessionParams } from "./metadata-params.ts";

const { key, sessionKey } = sessionParams;
const keyParams = { key, sessionKey };
const CompactResult = () =>
  z.object({
    ok: True,
    key: Text,
    compacted: Bool,
    kept: MaybeNum,
    messagesCompacted: MaybeNum,
    reason: MaybeText,
  });

const ArchiveResult = () =>
  z.union([
    z.object({
      ok: True,
      key: Text,
      archived: True,
      archivePath: Text,
      messageCount: Num,
      archiveSize: Num,
      archivedAt: Num,
      historyDeleted: Bool,
    }),
    z.object({
      ok: True,
      key: Text,
      archived: z.literal(false),
      reason: z.enum(["not_found", "already_archived"]),
    }),
  ]);

const RestoreResult = () =>
  z.union([
    z.object({
      ok: True,
      key: Text,
      restored: True,
      messageCount: Num,
      restoredAt: Num,
    }),
    z.object({
      ok: True,
      key: Text,
      restored: z.literal(false),
      reason: z.enum(["not_found", "not_archived"]),
    }),
  ]);

const ArchiveRow = () =>
  z.object({
    key: Text,
    sessionId: Text,
    label: NullableText,
    messageCount: Num,
    archiveSize: Num,
    updatedAt: Num,
    createdAt: Num,
  });

const UserExport = () =>
  z.object({
    user_id: Text,
    /** RFC 3339. */
    exported_at: Text,
    session_count: Num,
    sessions: z.array(z.object({ session: Anything, messages: z.array(Anything) })),
    warnings: Texts,
  });

/** Shortening, putting away and handing out conversations (websocket.md §12.4). */
export const sessionArchiveMethods = methods({
  "sessions.compact": {
    access: "admin",
    summary: "Summarise a session's older messages",
    params: () => z.object({ ...keyParams, maxLines: clamped(400, 1, 100_000) }),
    result: CompactResult,
  },
  "sessions.archive": {
    access: "admin",
    summary: "Put a session away",
    params: () => z.object({ ...keyParams, deleteHistory: defaultFalse }),
    result: ArchiveResult,
  },
  "sessions.restore": {
    access: "admin",
    summary: "Bring an archived session back",
    params: () => z.object(keyParams),
    result: RestoreResult,
  },
  "sessions.archives": {
    access: "admin",
    summary: "List archived sessions",
    params: () => z.object({ limit: clamped(100, 1, 1000), offset: clamped(0, 0, Number.MAX_SAFE_INTEGER) }),
    result: () => z.object({ ts: Num, total: Num, count: Num, archives: z.array(ArchiveRow()) }),
  },
  "sessions.archive.delete": {
    access: "admin",
    summary: "Delete an archive",
    params: () => z.object(keyParams),
    result: () =>
      z.object({
        ok: True,
        key: Text,
        deleted: Bool,
        reason: z.literal("not_found").optional(),
      }),
  },
  "sessions.export_user": {
    access: "admin",
    summary: "Export all sessions of a user",
    params: () => z.object({ userId: requiredKey("userId") }),
    result: () => z.object({ ok: True, data: UserExport(), warnings: Texts }),
  },
});
