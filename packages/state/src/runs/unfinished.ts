import type { Connection } from "../database/connection.ts";
import { integer, type Row } from "../database/row.ts";
import type { SessionTable } from "../sessions/table.ts";
import type { Run } from "../types.ts";
import { type RunTable, selectRuns } from "./table.ts";

/** Inputs read at once: each may have a megabyte. */
const pageSize = 16;

interface UnfinishedDeps {
  readonly connection: Connection;
  readonly sessions: SessionTable;
  readonly runs: RunTable;
}

/** The runs that have not ended, oldest first; of one session or of all. Those of a damaged session are left out. */
export function unfinished(deps: UnfinishedDeps, sessionId: string | undefined): Run[] {
  const rows =
    sessionId === undefined
      ? deps.connection.all(`${selectRuns} WHERE runs.ended_at IS NULL ORDER BY n`)
      : deps.runs.open(sessionId);
  return verified(deps, rows, new Map());
}

/** The same of all sessions, with one status, a page at a time. */
export async function* unfinishedOf(deps: UnfinishedDeps, status: "queued" | "running"): AsyncGenerator<Run> {
  const intact = new Map<string, boolean>();
  for (let after = -1; ; ) {
    const rows = deps.connection.read(() => {
      const page = `${selectRuns} WHERE runs.ended_at IS NULL AND runs.status = ? AND n > ? ORDER BY n LIMIT ?`;
      return deps.connection.all(page, [status, after, pageSize]);
    });
    yield* deps.connection.read(() => verified(deps, rows, intact));
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return;
    after = integer(last, "n");
  }
}

function verified(deps: UnfinishedDeps, rows: readonly Row[], intact: Map<string, boolean>): Run[] {
  const found = rows.map((raw) => deps.runs.verify(raw)).filter((run) => run !== "damaged");
  for (const { run } of found) {
    if (intact.has(run.sessionId)) continue;
    const session = deps.sessions.byId(run.sessionId);
    intact.set(run.sessionId, session !== undefined && deps.runs.checkOpen(session).damage === undefined);
  }
  return found.filter(({ run }) => intact.get(run.sessionId)).map(({ run }) => run);
}
