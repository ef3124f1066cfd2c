import type { ForkSession, NewMessage, Session } from "../types.ts";
import type { SessionDeps } from "./repository.ts";
import { mergeMetadata, toSession } from "./row.ts";

/** @returns the new session, or undefined if the key is taken. @throws StateError `not_found`, `session_damaged` */
export function forkSession(
  deps: SessionDeps,
  fork: ForkSession & { readonly id: string },
): Session | undefined {
  const found = deps.sessions.byId(fork.id);
  const { messages, loaded } =
    found === undefined ? { messages: [], loaded: found } : deps.writer.history(found, { limit: fork.limit });
  const source = deps.sessions.writable(loaded);
  if (deps.sessions.byKey(fork.key) !== undefined) return undefined;
  const created = deps.writer.create(fork.key, mergeMetadata(source.metadata, fork.metadata), fork.nowMs);
  const copies = messages.map(({ sessionId: _session, seq: _seq, ...message }): NewMessage => {
    return { ...message, id: deps.newId() };
  });
  const { session } = deps.messages.append(created, copies);
  deps.sessions.update(session);
  return toSession(session);
}
