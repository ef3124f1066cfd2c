import { Documents } from "../integrity/documents.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { cronDocuments } from "./jobs.ts";
import { type CronRun, type CronRunRepository, cronRun } from "./types.ts";

export function cronRunDocuments(deps: SealedDeps): Documents<CronRun> {
  return new Documents(deps, { table: "cron_runs", name: "scheduled run", schema: cronRun, pages: 64 });
}

/** What scheduled jobs did (agent.md §13). */
export function createCronRuns(deps: SealedDeps): CronRunRepository {
  const { connection } = deps;
  const runs = cronRunDocuments(deps);
  const jobs = cronDocuments(deps);
  return {
    begin: async (run, job) =>
      connection.write(() => {
        if (runs.find(run.id) !== undefined) return false;
        runs.save(run.id, run);
        jobs.save(job.id, job);
        return true;
      }),
    end: async (run, job) =>
      connection.write(() => {
        runs.save(run.id, run);
        if (job !== undefined) jobs.save(job.id, job);
      }),
    find: async (id) => connection.read(() => runs.find(id)),
    list: async ({ jobId, limit }) =>
      connection.read(() =>
        jobId === undefined
          ? runs.select({ where: "true ORDER BY started_at DESC, id LIMIT ?", values: [limit] })
          : runs.select({ where: "job_id = ? ORDER BY started_at DESC, id LIMIT ?", values: [jobId, limit] }),
      ),
    running: async () =>
      connection.read(() => runs.select({ where: "status = 'running' ORDER BY started_at, id", values: [] })),
    prune: async (keep) =>
      connection.write(() => {
        const old = runs.select({
          where: "status <> 'running' ORDER BY started_at DESC, id LIMIT 500 OFFSET ?",
          values: [keep],
        });
        for (const { id } of old) runs.remove(id);
        return old.length;
      }),
    clear: async () =>
      connection.write(() => {
        for (const { id } of runs.list()) runs.remove(id);
      }),
  };
}
