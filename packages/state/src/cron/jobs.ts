import { integer, numberColumns } from "../database/row.ts";
import { Documents } from "../integrity/documents.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { type CronJob, type CronRepository, cronJob } from "./types.ts";

export function cronDocuments(deps: SealedDeps): Documents<CronJob> {
  return new Documents(deps, { table: "cron_jobs", name: "scheduled job", schema: cronJob, pages: 8 });
}

/** The scheduled jobs; one whose record does not verify never fires (state.md §4). */
export function createCron(deps: SealedDeps): CronRepository {
  const { connection } = deps;
  const jobs = cronDocuments(deps);
  return {
    find: async (id) => connection.read(() => jobs.find(id)),
    list: async () => connection.read(() => jobs.list()),
    due: async (nowMs, limit) =>
      connection.read(() => jobs.select({ where: dueClause, values: [nowMs, limit] })),
    nextRunAtMs: async () =>
      connection.read(() => {
        const row = connection.get(nextSql);
        return row === undefined ? undefined : integer(row, "next_run_at");
      }),
    save: async (job) => connection.write(() => jobs.save(job.id, job)),
    remove: async (id) => connection.write(() => jobs.remove(id)),
  };
}

const isTime = "typeof(next_run_at) = 'integer'";
const dueClause = `enabled = 1 AND ${isTime} AND next_run_at <= ? ORDER BY next_run_at, t.id LIMIT ?`;
const nextSql = `SELECT ${numberColumns("next_run_at")} FROM cron_jobs
  WHERE enabled = 1 AND ${isTime} ORDER BY cron_jobs.next_run_at LIMIT 1`;
