import type { SessionKey } from "@carapace/protocol";
import type { NewMessage, Session, SessionMetadata } from "../types.ts";
import type { SessionDeps } from "./repository.ts";
import { mergeMetadata, toSession } from "./row.ts";

export interface Fork {
  readonly id: string;
  readonly key: SessionKey;
  readonly metadata: SessionMetadata;
  /** The newest so many messages are copied; 0: none. */
  readonly limit: number;
  readonly nowMs: number;
}

/** @returns the new session, or undefined if the key is taken. @throws StateError `not_found`, `session_damaged` */
export function forkSession(deps: SessionDeps, fork: Fork): Session | undefined {
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
