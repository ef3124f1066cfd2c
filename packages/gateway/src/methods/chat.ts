import { ok } from "@carapace/protocol";
import { findSession, namedKey } from "../sessions/find.ts";
import { newestThatFit } from "../sessions/newest-that-fit.ts";
import { damageOf, messageViews, waitingView } from "../sessions/view.ts";
import type { MethodHandlers } from "../types.ts";
import type { Services } from "./services.ts";

/** Reading a conversation and stopping its turns (websocket.md §12.3). */
export function chatHandlers({
  state,
  runs,
  log,
  secrets,
}: Services): Pick<MethodHandlers, "chat.history" | "chat.abort"> {
  return {
    async "chat.history"({ params }) {
      const session = await findSession(state.sessions, params, "sessionKey");
      if (!session.ok) return session;
      const { id, key, metadata } = session.value;
      const view = messageViews(secrets());
      const unfinished = await state.runs.unfinished(id);
      const waiting = unfinished
        .filter((run) => run.status === "queued")
        .map((run) => waitingView(run, view));
      const stored = await state.sessions.history(id, { limit: params.limit });
      const messages = newestThatFit([...stored.map(view), ...waiting].slice(-params.limit));
      // Asked again: reading the history is what finds damage.
      const read = (await state.sessions.findById(id)) ?? session.value;
      const thinkingLevel = metadata.thinkingLevel ?? "off";
      return ok({ sessionKey: key, sessionId: id, messages, thinkingLevel, ...damageOf(read) });
    },
    async "chat.abort"({ params }) {
      const reason = params.reason ?? null;
      if (params.runId !== undefined) {
        const aborted = await runs.abort(params.runId);
        const run = await state.runs.find(params.runId);
        if (aborted) log.target("runs").info("run aborted", { runId: params.runId, reason });
        return ok({ ok: true, aborted, sessionKey: run?.sessionKey ?? null, runIds: [params.runId], reason });
      }
      const session = await findSession(state.sessions, params, "sessionKey");
      if (!session.ok) {
        return ok({ ok: true, aborted: false, sessionKey: namedKey(params) ?? null, runIds: [], reason });
      }
      const { key } = session.value;
      const runIds = await runs.abortSession(key);
      return ok({ ok: true, aborted: runIds.length > 0, sessionKey: key, runIds, reason });
    },
  };
}
