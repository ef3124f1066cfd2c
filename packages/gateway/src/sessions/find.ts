import { hintedSessionKey, type Result, refuse } from "@carapace/protocol";
import type { Session, SessionRepository } from "@carapace/state";

/** How a caller names a session; `sessionId` wins, then `key`. */
export interface SessionNames {
  readonly sessionId?: string | undefined;
  readonly key?: string | undefined;
  readonly sessionKey?: string | undefined;
}

/** The key under either of its two names. */
export function namedKey(names: SessionNames): string | undefined {
  return names.key ?? names.sessionKey;
}

/** A key as it was given, then as a hint (websocket.md §12.3, *Better*). */
export async function findByKey(sessions: SessionRepository, key: string): Promise<Session | undefined> {
  return (await sessions.find(key)) ?? (await sessions.find(hintedSessionKey(key)));
}

/**
 * The session a caller named.
 * @param need The name of the param to ask for when none was given.
 * @returns `invalid_request` without a name, `not_found` if nothing is stored under it.
 */
export async function findSession(
  sessions: SessionRepository,
  names: SessionNames,
  need: "key" | "sessionKey",
): Promise<Result<Session>> {
  const name = names.sessionId ?? namedKey(names);
  if (name === undefined) return refuse("invalid_request", `${need} is required`);
  const found =
    names.sessionId === undefined
      ? await findByKey(sessions, name)
      : await sessions.findById(names.sessionId);
  return found === undefined ? refuse("not_found", `Session not found: ${name}`) : { ok: true, value: found };
}
