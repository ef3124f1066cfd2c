import type { Archive } from "../types.ts";
import type { SessionDeps } from "./repository.ts";
import { nextUpdate } from "./row.ts";

/** Stores a copy of the history and marks the session archived; also drops the messages if asked to. */
export function archiveSession(
  deps: SessionDeps,
  id: string,
  { deleteHistory, nowMs }: { readonly deleteHistory: boolean; readonly nowMs: number },
): Archive {
  const found = deps.sessions.byId(id);
  const { messages, loaded } =
    found === undefined ? { messages: [], loaded: found } : deps.writer.history(found, {});
  const row = deps.sessions.writable(loaded);
  const { archive, mac } = deps.archives.store(row, messages, nowMs);
  const kept = deleteHistory ? deps.writer.emptied(row) : row;
  deps.sessions.update({ ...kept, status: "archived", archiveMac: mac, updatedAtMs: nextUpdate(row, nowMs) });
  return archive;
}

/**
 * Puts the archived messages back before what was said since. @returns how many were archived, or undefined without an
 * archive.
 */
export function restoreArchive(deps: SessionDeps, id: string, nowMs: number): number | undefined {
  const found = deps.sessions.byId(id);
  if (found === undefined) return undefined;
  const { messages: present, loaded } = deps.writer.history(found, {});
  const row = deps.sessions.writable(loaded);
  const messages = deps.archives.load(row);
  if (messages === undefined) return undefined;
  const archived = new Set(messages.map(({ id: messageId }) => messageId));
  const since = present.filter((message) => !archived.has(message.id));
  const { session } = deps.messages.append(deps.writer.emptied(row), [...messages, ...since]);
  deps.sessions.update({ ...session, status: "active", updatedAtMs: nextUpdate(row, nowMs) });
  return messages.length;
}

export function deleteArchive(deps: SessionDeps, id: string): boolean {
  const found = deps.sessions.byId(id);
  if (found === undefined) return false;
  const row = deps.sessions.writable(found);
  const removed = deps.archives.remove(id);
  if (removed) deps.sessions.update({ ...row, archiveMac: undefined });
  return removed;
}
