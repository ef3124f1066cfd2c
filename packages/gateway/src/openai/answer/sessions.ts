import { hintedSessionKey, SessionKey } from "@carapace/protocol";
import type { Session, SessionRepository } from "@carapace/state";
import { findByKey } from "../../sessions/find.ts";
import { invalid } from "../errors.ts";
import type { Read } from "../question/types.ts";

/** Where an agent's turn takes place. */
export interface Place {
  /** As the door for messages is told it. */
  readonly name: string;
  /** Made for this one request, and goes with it. */
  readonly isThrowaway: boolean;
  readonly session: Session;
}

export interface PlaceAsk {
  /** `X-Carapace-Session-Key`. */
  readonly key: string | null;
  readonly user: string | undefined;
  readonly agentId: string | undefined;
  /** For a throwaway one: 32 hex digits. */
  readonly id: string;
  readonly nowMs: number;
}

/**
 * The conversation of a request (http.md §11 *Better*): the one its header names, else its user's, else one of its own,
 * which `forget` takes away again.
 */
export async function placeOf(ask: PlaceAsk, sessions: SessionRepository): Promise<Read<Place>> {
  const metadata = ask.agentId === undefined ? {} : { agentId: ask.agentId };
  const named = ask.key?.trim();
  if (named) {
    if (named.length > 1024) return refuse("X-Carapace-Session-Key has at most 1024 characters");
    const found = await findByKey(sessions, named);
    const session = found ?? (await sessions.upsert(hintedSessionKey(named), metadata, ask.nowMs));
    return { ok: true, value: { name: named, isThrowaway: false, session } };
  }
  const isThrowaway = ask.user === undefined;
  const key = SessionKey.safeParse(isThrowaway ? throwawayPrefix + ask.id : `openai-user:${ask.user}`);
  if (!key.success) return refuse("user must be at most 240 characters of well-formed text", "user");
  const session = (await sessions.find(key.data)) ?? (await sessions.upsert(key.data, metadata, ask.nowMs));
  return { ok: true, value: { name: key.data, isThrowaway, session } };
}

const throwawayPrefix = "openai:";

/** Takes away what requests of an earlier process left behind when it died. @returns how many */
export async function sweepThrowaways(
  sessions: Pick<SessionRepository, "list" | "delete">,
  { beforeMs, isBusy }: { readonly beforeMs: number; readonly isBusy: (key: string) => boolean },
): Promise<number> {
  const found = await sessions.list({ search: throwawayPrefix, updatedBeforeMs: beforeMs, limit: 1000 });
  let count = 0;
  for (const { id, key } of found) {
    if (!/^openai:[0-9a-f]{32}$/.test(key) || isBusy(key)) continue;
    if (await sessions.delete(id)) count += 1;
  }
  return count;
}

function refuse(message: string, param?: string): { ok: false; error: ReturnType<typeof invalid> } {
  return { ok: false, error: invalid(message, param) };
}
