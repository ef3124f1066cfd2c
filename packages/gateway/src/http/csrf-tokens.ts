import { isSameSecret } from "../connection/credentials.ts";

/** What a browser session holds: an id in a cookie that scripts cannot read, and a token in one that they can. */
interface CsrfSession {
  readonly id: string;
  readonly token: string;
}

type CsrfVerdict = "valid" | "invalid" | "expired";

/** The sessions of pages that were served, in memory (http.md §3.5). */
export interface CsrfTokens {
  /** The session of this id if it lives, else a new one; either lasts an hour from now. */
  issue(id: string | undefined): CsrfSession;
  judge(id: string, token: string): CsrfVerdict;
}

export interface CsrfTokensDeps {
  readonly nowMs: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
}

export const csrfLifeSeconds = 3600;
const tokenBytes = 32;
const maxSessions = 1000;

interface Stored {
  readonly token: string;
  expiresAtMs: number;
}

export function createCsrfTokens({ nowMs, randomBytes }: CsrfTokensDeps): CsrfTokens {
  const sessions = new Map<string, Stored>();
  const fresh = () => Buffer.from(randomBytes(tokenBytes)).toString("base64url");

  function makeRoom(now: number): void {
    if (sessions.size < maxSessions) return;
    for (const [id, { expiresAtMs }] of sessions) if (expiresAtMs <= now) sessions.delete(id);
    for (const id of sessions.keys()) {
      if (sessions.size < maxSessions) return;
      sessions.delete(id);
    }
  }

  return {
    issue(id) {
      const now = nowMs();
      const expiresAtMs = now + csrfLifeSeconds * 1000;
      const known = id === undefined ? undefined : sessions.get(id);
      if (id !== undefined && known !== undefined && known.expiresAtMs > now) {
        known.expiresAtMs = expiresAtMs;
        return { id, token: known.token };
      }
      makeRoom(now);
      const session = { id: fresh(), token: fresh() };
      sessions.set(session.id, { token: session.token, expiresAtMs });
      return session;
    },
    judge(id, token) {
      const stored = sessions.get(id);
      if (stored === undefined || !isSameSecret(token, stored.token)) return "invalid";
      return stored.expiresAtMs > nowMs() ? "valid" : "expired";
    },
  };
}
