import { ok, textOf } from "@carapace/protocol";
import { type Session, type SessionStatus, StateError } from "@carapace/state";
import { definedOnly } from "../defined-only.ts";
import { findByKey, findSession } from "../sessions/find.ts";
import { newestThatFit } from "../sessions/newest-that-fit.ts";
import { excerpt, messageViews, sessionEntry, sessionRow } from "../sessions/view.ts";
import type { MethodHandlers } from "../types.ts";
import type { Services } from "./services.ts";

const statuses: readonly SessionStatus[] = ["active", "paused", "archived", "compacting"];
const previewBytes = 200;
const titleBytes = 60;
const noDefaults = { modelProvider: null, model: null, contextTokens: null } as const;

/** Undefined for what cannot be read, so that one session's fault does not hide the others. */
async function readable<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof StateError) return undefined;
    throw error;
  }
}

/** Reading conversations (websocket.md §12.4). */
export function sessionReadHandlers({
  state,
  world,
  facts,
  secrets,
}: Services): Pick<MethodHandlers, "sessions.list" | "sessions.preview" | "sessions.load"> {
  const { sessions } = state;

  async function rowExtras(session: Session, wanted: { last: boolean; title: boolean }) {
    const [last] = wanted.last ? await sessions.history(session.id, { limit: 1 }) : [];
    const opening = wanted.title ? await sessions.history(session.id, { beforeSeq: 3 }) : [];
    const first = opening.find((message) => message.role === "user");
    const title = session.metadata.name ?? (first === undefined ? undefined : textOf(first.blocks));
    return definedOnly({
      lastMessagePreview:
        last === undefined ? undefined : excerpt(messageViews(secrets())(last).content, previewBytes),
      derivedTitle: wanted.title && title !== undefined ? excerpt(title, titleBytes) : undefined,
    });
  }

  async function preview(key: string, limit: number, maxChars: number) {
    const session = await findByKey(sessions, key);
    if (session === undefined) return { key, status: "missing" as const, items: [] };
    const messages = await readable(sessions.history(session.id, { limit }));
    if (messages === undefined) return { key, status: "error" as const, items: [] };
    const items = messages.map(({ role, blocks }) => ({ role, text: textOf(blocks).slice(0, maxChars) }));
    const shown = items.filter((item) => item.text !== "");
    return { key, status: shown.length === 0 ? ("empty" as const) : ("ok" as const), items: shown };
  }

  return {
    async "sessions.list"({ params }) {
      const { limit, offset, agentId, channel, userId, label, search } = params;
      const status = statuses.find((word) => word === params.status);
      const since = params.activeMinutes;
      const updatedSinceMs = since === undefined ? undefined : world.nowMs() - since * 60_000;
      const isKnownStatus = params.status === undefined || status !== undefined;
      const exceptKeys = [
        ...(params.includeGlobal ? [] : ["global"]),
        ...(params.includeUnknown ? [] : ["unknown"]),
      ];
      const named = { agentId, channel, userId, label, search, status };
      const filter = { limit, offset, ...named, updatedSinceMs, exceptKeys };
      const shown = isKnownStatus ? await sessions.list(definedOnly(filter)) : [];
      const wanted = { last: params.includeLastMessage, title: params.includeDerivedTitles };
      const rows = await Promise.all(
        shown.map(async (session) => ({ ...sessionRow(session), ...(await rowExtras(session, wanted)) })),
      );
      return ok({
        ts: world.nowMs(),
        path: facts.stateDir,
        count: rows.length,
        defaults: noDefaults,
        sessions: rows,
      });
    },
    async "sessions.preview"({ params }) {
      const keys = params.keys ?? [];
      const previews = await Promise.all(keys.map((key) => preview(key, params.limit, params.maxChars)));
      return ok({ ts: world.nowMs(), previews });
    },
    async "sessions.load"({ params }) {
      const session = await findSession(sessions, params, "key");
      if (!session.ok) return session;
      const { id, key, messageCount } = session.value;
      const wanted = params.includeMessages && params.limit > 0;
      const messages = wanted ? await sessions.history(id, { limit: params.limit }) : [];
      return ok({
        ok: true,
        key,
        sessionId: id,
        messageCount,
        entry: sessionEntry(session.value),
        messages: newestThatFit(messages.map(messageViews(secrets()))),
      });
    },
  };
}
