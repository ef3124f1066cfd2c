import { ok, type Result, refuse } from "@carapace/protocol";
import type { Session } from "@carapace/state";
import { findByKey, namedKey, type SessionNames } from "../sessions/find.ts";
import { stopRuns } from "../sessions/stop-runs.ts";
import type { MethodHandlers } from "../types.ts";
import type { Services } from "./services.ts";

type Handled =
  | "sessions.compact"
  | "sessions.archive"
  | "sessions.restore"
  | "sessions.archives"
  | "sessions.archive.delete";

const isBusy = "the session is busy; wait until its turn has ended";

/** Shortening sessions and putting them away (websocket.md §12.4). */
export function sessionArchiveHandlers(services: Services): Pick<MethodHandlers, Handled> {
  const { state, world, runs, models } = services;
  const { sessions } = state;

  async function named(names: SessionNames): Promise<Result<{ key: string; session?: Session }>> {
    const key = namedKey(names);
    if (key === undefined) return refuse("invalid_request", "key is required");
    const session = await findByKey(sessions, key);
    return ok(session === undefined ? { key } : { key: session.key, session });
  }

  return {
    async "sessions.compact"({ params, signal }) {
      const target = await named(params);
      if (!target.ok) return target;
      const { key, session } = target.value;
      if (session === undefined) return ok({ ok: true, key, compacted: false, reason: "not_found" });
      if (session.status === "archived") {
        return refuse("conflict", "cannot compact an archived session", { key, status: session.status });
      }
      if (runs.isBusy(key)) return refuse("unavailable", isBusy);
      const compacted = await models.compact(session, params.maxLines, signal);
      return compacted.ok ? ok({ ok: true, key, ...compacted.value }) : compacted;
    },
    async "sessions.archive"({ params }) {
      const target = await named(params);
      if (!target.ok) return target;
      const { key, session } = target.value;
      if (session === undefined) return ok({ ok: true, key, archived: false, reason: "not_found" });
      if (session.status === "archived")
        return ok({ ok: true, key, archived: false, reason: "already_archived" });
      const stopped = await stopRuns(runs, key);
      if (!stopped.ok) return stopped;
      const archive = await sessions.archive(session.id, params.deleteHistory, world.nowMs());
      return ok({
        ok: true,
        key,
        archived: true,
        // Archives lie in the database, not in files of their own.
        archivePath: `archive:${session.id}`,
        messageCount: archive.messageCount,
        archiveSize: archive.sizeBytes,
        archivedAt: archive.archivedAtMs,
        historyDeleted: params.deleteHistory,
      });
    },
    async "sessions.restore"({ params }) {
      const target = await named(params);
      if (!target.ok) return target;
      const { key, session } = target.value;
      if (session === undefined) return ok({ ok: true, key, restored: false, reason: "not_found" });
      if (session.status !== "archived")
        return ok({ ok: true, key, restored: false, reason: "not_archived" });
      if (runs.isBusy(key)) return refuse("unavailable", isBusy);
      const restoredAt = world.nowMs();
      const messageCount = await sessions.restoreArchive(session.id, restoredAt);
      if (messageCount === undefined) return ok({ ok: true, key, restored: false, reason: "not_found" });
      return ok({ ok: true, key, restored: true, messageCount, restoredAt });
    },
    async "sessions.archives"({ params }) {
      const { total, archives } = await sessions.archives(params.limit, params.offset);
      const rows = archives.map((archive) => ({
        key: archive.key,
        sessionId: archive.sessionId,
        label: archive.label ?? null,
        messageCount: archive.messageCount,
        archiveSize: archive.sizeBytes,
        updatedAt: archive.archivedAtMs,
        createdAt: archive.createdAtMs,
      }));
      return ok({ ts: world.nowMs(), total, count: rows.length, archives: rows });
    },
    async "sessions.archive.delete"({ params }) {
      const target = await named(params);
      if (!target.ok) return target;
      const { key, session } = target.value;
      const deleted = session !== undefined && (await sessions.deleteArchive(session.id));
      return ok(deleted ? { ok: true, key, deleted } : { ok: true, key, deleted, reason: "not_found" });
    },
  };
}
