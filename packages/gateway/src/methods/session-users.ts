import { ok } from "@carapace/protocol";
import type { Message, Session } from "@carapace/state";
import { actorOf } from "../audit/actor.ts";
import { stopRuns } from "../sessions/stop-runs.ts";
import type { MethodHandlers } from "../types.ts";
import type { Services } from "./services.ts";

const pageSize = 500;

/** What a person has a right to: all that is kept about them, or none of it (websocket.md §12.4). */
export function sessionUserHandlers({
  state,
  runs,
  world,
}: Services): Pick<MethodHandlers, "sessions.export_user" | "sessions.purge_user"> {
  const { sessions } = state;

  async function sessionsOf(userId: string): Promise<Session[]> {
    const all: Session[] = [];
    for (;;) {
      const page = await sessions.list({ userId, limit: pageSize, offset: all.length });
      all.push(...page);
      if (page.length < pageSize) return all;
    }
  }

  async function historyOf(session: Session): Promise<Message[]> {
    const all: Message[] = [];
    for (let beforeSeq: number | undefined; ; beforeSeq = all[0]?.seq) {
      const range = beforeSeq === undefined ? { limit: pageSize } : { limit: pageSize, beforeSeq };
      const page = await sessions.history(session.id, range);
      all.unshift(...page);
      if (page.length < pageSize) return all;
    }
  }

  return {
    async "sessions.export_user"({ params, connection }) {
      const exported: { session: Session; messages: Message[] }[] = [];
      const warnings: string[] = [];
      for (const session of await sessionsOf(params.userId)) {
        if (session.damage !== undefined) warnings.push(session.damage.say);
        exported.push({ session, messages: await historyOf(session) });
      }
      const data = {
        user_id: params.userId,
        exported_at: new Date(world.nowMs()).toISOString(),
        session_count: exported.length,
        sessions: exported,
        warnings,
      };
      await state.audit.append({
        actor: actorOf(connection),
        event: "data_exported",
        data: { user_id: params.userId, session_count: exported.length },
      });
      return ok({ ok: true, data, warnings });
    },
    async "sessions.purge_user"({ params, connection }) {
      const found = await sessionsOf(params.userId);
      let sessionsDeleted = 0;
      for (const session of found) {
        const stopped = await stopRuns(runs, session.key);
        if (stopped.ok && (await sessions.delete(session.id))) sessionsDeleted += 1;
      }
      await state.audit.append({
        actor: actorOf(connection),
        event: "session_purged",
        data: { user_id: params.userId, deleted_count: sessionsDeleted, total_count: found.length },
      });
      return ok({ ok: true, userId: params.userId, sessionsDeleted, sessionsTotal: found.length });
    },
  };
}
