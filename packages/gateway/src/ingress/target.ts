import { hintedSessionKey, ok, type Result, refuse, type SessionKey } from "@carapace/protocol";
import type { Session, SessionRepository } from "@carapace/state";
import { findByKey } from "../sessions/find.ts";
import { type SessionScope, scopedSessionKey } from "../sessions/scope.ts";
import type { Inbound } from "./types.ts";

/** The conversation of a message, and its session if there is one already. */
interface Target {
  readonly key: SessionKey;
  readonly session?: Session;
}

/**
 * Finds the conversation of a message: the one it names (literally, then as a hint), or the one its speaker shares.
 * @returns `not_found` for an id of no session, `conflict` for a session that can only be read.
 */
export async function findTarget(
  { session: hint, speaker }: Pick<Inbound, "session" | "speaker">,
  sessions: SessionRepository,
  scope: SessionScope,
): Promise<Result<Target>> {
  if (hint.id !== undefined) {
    const session = await sessions.findById(hint.id);
    return session === undefined ? refuse("not_found", `Session not found: ${hint.id}`) : existing(session);
  }
  if (hint.name !== undefined) {
    const session = await findByKey(sessions, hint.name);
    return session === undefined ? ok({ key: hintedSessionKey(hint.name) }) : existing(session);
  }
  const key = scopedSessionKey(scope, speaker);
  const session = await sessions.find(key);
  return session === undefined ? ok({ key }) : existing(session);
}

function existing(session: Session): Result<Target> {
  const { key, damage } = session;
  if (damage === undefined) return ok({ key, session });
  return refuse("conflict", `${damage.say} Or start another one: /new, or cara chat --new.`, { key });
}
