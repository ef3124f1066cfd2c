import type { ConfigStore } from "@carapace/config";
import { isRecord } from "@carapace/protocol";
import type { Audit, Session, SessionRepository } from "@carapace/state";
import type { Log } from "../log/log.ts";
import type { Runs } from "../runs/types.ts";

/** After the start, so that it does not compete with it (state.md §3.7). */
const firstSweepMs = 30_000;
const dayMs = 24 * 3_600_000;
const hourMs = 3_600_000;
const pageSize = 100;
/** What a timer can wait at most; a longer one would fire at once. */
const longestWaitMs = 2 ** 31 - 1;

export interface RetentionDeps {
  readonly sessions: Pick<SessionRepository, "list" | "findById" | "delete">;
  readonly runs: Pick<Runs, "isBusy">;
  readonly config: Pick<ConfigStore, "current">;
  readonly nowMs: () => number;
  readonly log: Log;
  /** Each session that goes is told there, together with its deletion. */
  readonly audit: Pick<Audit, "together">;
  /** How long after the start the first sweep comes; 30 s. */
  readonly firstSweepMs?: number;
}

/**
 * Deletes sessions nobody touched for `sessions.retention.days`, again and again. Only where the owner wrote that
 * section: nobody's conversations vanish by a default.
 */
export function startRetention(deps: RetentionDeps): AsyncDisposable {
  let timer: Timer;
  let sweeping = Promise.resolve(0);
  let isStopped = false;
  const plan = (inMs: number) => {
    timer = setTimeout(
      async () => {
        sweeping = sweepOld(deps);
        await sweeping;
        if (!isStopped) plan(deps.config.current().config.sessions.retention.intervalHours * hourMs);
      },
      Math.min(inMs, longestWaitMs),
    );
    timer.unref();
  };
  plan(deps.firstSweepMs ?? firstSweepMs);
  return {
    async [Symbol.asyncDispose]() {
      isStopped = true;
      clearTimeout(timer);
      await sweeping;
    },
  };
}

/** One sweep. @returns how many sessions it deleted. */
export async function sweepOld(deps: RetentionDeps): Promise<number> {
  const { sessions, config, nowMs, log } = deps;
  const { resolved, config: settings } = config.current();
  const { enabled, days } = settings.sessions.retention;
  const isWanted = isRecord(resolved["sessions"]) && resolved["sessions"]["retention"] !== undefined;
  if (!isWanted || !enabled) return 0;
  let deleted = 0;
  try {
    const updatedBeforeMs = nowMs() - days * dayMs;
    const filter = { updatedBeforeMs, limit: pageSize };
    for (let kept = 0; ; ) {
      const old = await sessions.list({ ...filter, offset: kept });
      for (const { id } of old) {
        // Read again: somebody may have spoken in it since it was listed.
        const session = await sessions.findById(id);
        const mayGo = session !== undefined && session.updatedAtMs < updatedBeforeMs;
        const isGone = mayGo && !mustStay(session, deps) && (await remove(session, deps));
        if (isGone) deleted += 1;
        else kept += 1;
      }
      if (old.length < pageSize) break;
    }
    if (deleted > 0) log.info("old sessions were deleted", { deleted, days });
  } catch (error) {
    log.warn("old sessions could not be deleted", { error, deleted });
  }
  return deleted;
}

function remove({ id }: Session, { sessions, audit }: RetentionDeps): Promise<boolean> {
  const data = { session_id: id, actor: "sessions.retention" };
  return audit.together({ actor: "gateway", event: "session_deleted", data }, () => sessions.delete(id));
}

/** What was put away on purpose, is evidence, or is in use. */
function mustStay({ key, status, damage }: Session, { runs }: RetentionDeps): boolean {
  return status === "archived" || damage !== undefined || runs.isBusy(key);
}
