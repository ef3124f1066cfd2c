import type { ArchiveTable } from "../archives/archives.ts";
import type { Connection } from "../database/connection.ts";
import { integer } from "../database/row.ts";
import { StateError } from "../errors.ts";
import type { Macs } from "../integrity/macs.ts";
import type { CompactionTable } from "../messages/compactions.ts";
import { InboundEvents } from "../messages/inbound-events.ts";
import type { MessageTable } from "../messages/table.ts";
import type { RunTable } from "../runs/table.ts";
import { searchMessages } from "../search/search.ts";
import type { Compaction, SessionRepository } from "../types.ts";
import { archiveSession, deleteArchive, restoreArchive } from "./archiving.ts";
import { forkSession } from "./fork.ts";
import { listSessions } from "./list.ts";
import { nextUpdate, type SessionRow, toSession } from "./row.ts";
import type { LoadedSession, SessionTable } from "./table.ts";
import type { SessionWriter } from "./writer.ts";

export interface SessionDeps {
  readonly connection: Connection;
  readonly sessions: SessionTable;
  readonly writer: SessionWriter;
  readonly messages: MessageTable;
  readonly compactions: CompactionTable;
  readonly archives: ArchiveTable;
  readonly runs: RunTable;
  readonly newId: () => string;
  readonly macs: Macs;
}

/** Sessions and their histories (state.md §3). */
export function createSessions(deps: SessionDeps): SessionRepository {
  const { connection, sessions, writer } = deps;
  return {
    find: async (key) => connection.read(() => shown(sessions.byKey(key))),
    findById: async (id) => connection.read(() => shown(sessions.byId(id))),
    upsert: async (key, metadata, nowMs) =>
      connection.write(() => toSession(writer.upsert(key, metadata, nowMs))),
    create: async (key, metadata, nowMs) =>
      connection.write(() =>
        sessions.byKey(key) === undefined ? toSession(writer.create(key, metadata, nowMs)) : undefined,
      ),
    list: async (filter) => connection.read(() => listSessions(connection, sessions, filter)),
    count: async () =>
      connection.read(() => integer(connection.get("SELECT COUNT(*) AS n FROM sessions") ?? {}, "n")),
    seqOf: async (id, messageId) => connection.read(() => deps.messages.seqOf(id, messageId)),
    history: async (id, range) => connection.read(() => history(deps, id, range)),
    append: async (id, messages) => connection.write(() => append(deps, id, messages)),
    reset: async (id, nowMs) => connection.write(() => reset(deps, id, nowMs)),
    delete: async (id) => connection.write(() => remove(deps, id)),
    fork: async (id, fork) => connection.write(() => forkSession(deps, { id, ...fork })),
    compact: async (id, compaction) => connection.write(() => compact(deps, id, compaction)),
    compaction: async (id) => connection.read(() => compactionOf(deps, id)),
    archive: async (id, deleteHistory, nowMs) =>
      connection.write(() => archiveSession(deps, id, { deleteHistory, nowMs })),
    restoreArchive: async (id, nowMs) => connection.write(() => restoreArchive(deps, id, nowMs)),
    archives: async (limit, offset) => connection.read(() => deps.archives.list(limit, offset)),
    deleteArchive: async (id) => connection.write(() => deleteArchive(deps, id)),
    search: async (query, options) => connection.read(() => searchMessages(deps, query, options)),
  };
}

function shown(loaded: LoadedSession | undefined) {
  return loaded === undefined ? undefined : toSession(loaded.row, loaded.damage);
}

function history(deps: SessionDeps, id: string, range: Parameters<SessionRepository["history"]>[1]) {
  const found = deps.sessions.byId(id);
  if (found === undefined) return [];
  const { messages, loaded } = deps.writer.history(found, range);
  if (range.intactOnly === true) deps.sessions.writable(loaded);
  return messages;
}

function append(deps: SessionDeps, id: string, messages: Parameters<SessionRepository["append"]>[1]) {
  const row = deps.sessions.writable(deps.sessions.byId(id));
  const { session, appended } = deps.messages.append(row, messages);
  const newest = Math.max(...messages.map((message) => message.createdAtMs), 0);
  if (appended.length > 0) deps.sessions.update({ ...session, updatedAtMs: nextUpdate(row, newest) });
  return appended;
}

// The way back for a damaged session: what was found wrong goes with its messages, and with its runs.
function reset(deps: SessionDeps, id: string, nowMs: number) {
  const found = deps.sessions.byId(id);
  if (found === undefined) throw new StateError("not_found", "There is no such session.");
  const emptied = deps.writer.emptied(found.row);
  new InboundEvents(deps).clear(id);
  if (found.damage === undefined) {
    const next = { ...emptied, updatedAtMs: nextUpdate(found.row, nowMs) };
    deps.sessions.update(next);
    return toSession(next);
  }
  deps.runs.removeOfSession(id);
  deps.archives.remove(id);
  deps.sessions.remove(found.row);
  const fresh: SessionRow = {
    ...emptied,
    status: "active",
    metadata: found.isRowIntact ? found.row.metadata : {},
    openRuns: deps.runs.openMac(id),
    archiveMac: undefined,
    createdAtMs: Math.min(found.row.createdAtMs, nowMs),
    updatedAtMs: nextUpdate(found.row, nowMs),
  };
  deps.sessions.insert(fresh);
  return toSession(fresh);
}

function remove(deps: SessionDeps, id: string): boolean {
  const found = deps.sessions.byId(id);
  if (found === undefined) return false;
  deps.writer.emptied(found.row);
  new InboundEvents(deps).clear(id);
  deps.runs.removeOfSession(id);
  deps.archives.remove(id);
  deps.sessions.remove(found.row);
  return true;
}

function compact(deps: SessionDeps, id: string, compaction: Compaction): void {
  const row = deps.sessions.writable(deps.sessions.byId(id));
  if (compaction.throughSeq < 1 || compaction.throughSeq > row.headSeq) {
    throw new StateError("invalid", "A compaction must end at a message of its session.");
  }
  deps.sessions.update({ ...row, compactionMac: deps.compactions.store(id, compaction) });
}

function compactionOf(deps: SessionDeps, id: string): Compaction | undefined {
  const found = deps.sessions.byId(id);
  if (found === undefined || found.damage !== undefined) return undefined;
  const compaction = deps.compactions.find(found.row);
  if (compaction !== "damaged") return compaction;
  deps.sessions.report(found.row.key, "its compaction does not match its seal");
  return undefined;
}
