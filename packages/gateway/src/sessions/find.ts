import { hintedSessionKey, ok, type Result, refuse, SessionKey, type SessionNames } from "@carapace/protocol";
import type { Session, SessionRepository } from "@carapace/state";

/** The key under either of its two names; `key` wins. */
export function namedKey(names: SessionNames): string | undefined {
  return names.key ?? names.sessionKey;
}

/** A key as it was given, then as a hint (websocket.md §12.3, *Better*). */
export async function findByKey(sessions: SessionRepository, key: string): Promise<Session | undefined> {
  return (await sessions.find(key)) ?? (await sessions.find(hintedSessionKey(key)));
}

/**
 * What a change is for: the key of the session a caller named, else the name itself.
 * @returns `invalid_request` without a name, or with one that cannot be a key.
 */
export async function findNamed(
  sessions: SessionRepository,
  names: SessionNames,
): Promise<Result<{ readonly key: SessionKey; readonly session?: Session }>> {
  const name = namedKey(names);
  if (name === undefined) return refuse("invalid_request", "key is required");
  const session = await findByKey(sessions, name);
  if (session !== undefined) return ok({ key: session.key, session });
  const key = SessionKey.safeParse(name);
  return key.success
    ? ok({ key: key.data })
    : refuse("invalid_request", "key must be at most 255 characters");
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
