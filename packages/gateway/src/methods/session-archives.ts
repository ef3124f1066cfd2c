import { type MethodParams, ok, refuse } from "@carapace/protocol";
import { findNamed } from "../sessions/find.ts";
import { stopRuns } from "../sessions/stop-runs.ts";
import type { Answer, MethodCall, MethodHandlers } from "../types.ts";
import type { Services } from "./services.ts";

type Handled =
  | "sessions.compact"
  | "sessions.archive"
  | "sessions.restore"
  | "sessions.archives"
  | "sessions.archive.delete";

const busy = "the session is busy; wait until its turn has ended";

/** Shortening sessions and putting them away (websocket.md §12.4). */
export function sessionArchiveHandlers(services: Services): Pick<MethodHandlers, Handled> {
  return {
    "sessions.compact": (call) => compact(call, services),
    "sessions.archive": ({ params }) => archive(params, services),
    "sessions.restore": ({ params }) => restore(params, services),
    "sessions.archives": ({ params }) => list(params, services),
    "sessions.archive.delete": ({ params }) => remove(params, services),
  };
}

async function compact(
  { params, signal }: MethodCall<"sessions.compact">,
  { state, runs, models }: Services,
): Answer<"sessions.compact"> {
  const target = await findNamed(state.sessions, params);
  if (!target.ok) return target;
  const { key, session } = target.value;
  if (session === undefined) return ok({ ok: true, key, compacted: false, reason: "not_found" });
  if (session.status === "archived") {
    return refuse("conflict", "cannot compact an archived session", { key, status: session.status });
  }
  if (runs.isBusy(key)) return refuse("unavailable", busy);
  const compacted = await models.compact(session, params.maxLines, signal);
  return compacted.ok ? ok({ ok: true, key, ...compacted.value }) : compacted;
}

async function archive(
  params: MethodParams<"sessions.archive">,
  { state: { sessions }, runs, world }: Services,
): Answer<"sessions.archive"> {
  const target = await findNamed(sessions, params);
  if (!target.ok) return target;
  const { key, session } = target.value;
  if (session === undefined) return ok({ ok: true, key, archived: false, reason: "not_found" });
  if (session.status === "archived") {
    return ok({ ok: true, key, archived: false, reason: "already_archived" });
  }
  const stopped = await stopRuns(runs, key);
  if (!stopped.ok) return stopped;
  const stored = await sessions.archive(session.id, params.deleteHistory, world.nowMs());
  return ok({
    ok: true,
    key,
    archived: true,
    // Archives lie in the database, not in files of their own.
    archivePath: `archive:${session.id}`,
    messageCount: stored.messageCount,
    archiveSize: stored.sizeBytes,
    archivedAt: stored.archivedAtMs,
    historyDeleted: params.deleteHistory,
  });
}

async function restore(
  params: MethodParams<"sessions.restore">,
  { state: { sessions }, runs, world }: Services,
): Answer<"sessions.restore"> {
  const target = await findNamed(sessions, params);
  if (!target.ok) return target;
  const { key, session } = target.value;
  if (session === undefined) return ok({ ok: true, key, restored: false, reason: "not_found" });
  if (session.status !== "archived") {
    return ok({ ok: true, key, restored: false, reason: "not_archived" });
  }
  if (runs.isBusy(key)) return refuse("unavailable", busy);
  const restoredAt = world.nowMs();
  const messageCount = await sessions.restoreArchive(session.id, restoredAt);
  if (messageCount === undefined) return ok({ ok: true, key, restored: false, reason: "not_found" });
  return ok({ ok: true, key, restored: true, messageCount, restoredAt });
}

async function list(
  { limit, offset }: MethodParams<"sessions.archives">,
  { state, world }: Services,
): Answer<"sessions.archives"> {
  const { total, archives } = await state.sessions.archives(limit, offset);
  const rows = archives.map((one) => ({
    key: one.key,
    sessionId: one.sessionId,
    label: one.label ?? null,
    messageCount: one.messageCount,
    archiveSize: one.sizeBytes,
    updatedAt: one.archivedAtMs,
    createdAt: one.createdAtMs,
  }));
  return ok({ ts: world.nowMs(), total, count: rows.length, archives: rows });
}

async function remove(
  params: MethodParams<"sessions.archive.delete">,
  { state: { sessions } }: Services,
): Answer<"sessions.archive.delete"> {
  const target = await findNamed(sessions, params);
  if (!target.ok) return target;
  const { key, session } = target.value;
  const deleted = session !== undefined && (await sessions.deleteArchive(session.id));
  return ok(deleted ? { ok: true, key, deleted } : { ok: true, key, deleted, reason: "not_found" });
}
