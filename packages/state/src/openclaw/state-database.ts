import { z } from "zod";
import type { ForeignDatabase } from "./foreign.ts";

const JobRow = z.object({ id: z.string(), json: z.string(), isEnabled: z.number().catch(0) });

/** A scheduled job as the database keeps it: its definition, in JSON. */
export interface OpenClawJobRow {
  readonly id: string;
  readonly json: string;
  readonly isEnabled: boolean;
}

const maxJobs = 10_000;
const maxJobBytes = 1024 * 1024;

/** The scheduled jobs, by id. @returns undefined if the database is not laid out as is known */
export function jobRows(db: ForeignDatabase): readonly OpenClawJobRow[] | undefined {
  if (!db.hasTable("cron_jobs", ["job_id", "job_json", "enabled"])) return undefined;
  const rows = db.all(
    `SELECT job_id AS id, job_json AS json, enabled AS isEnabled FROM cron_jobs
     WHERE octet_length(job_json) <= ${maxJobBytes} AND octet_length(job_id) <= 1024
     ORDER BY job_id LIMIT ${maxJobs}`,
  );
  return rows.flatMap((row) => {
    const read = JobRow.safeParse(row);
    return read.success ? [{ ...read.data, isEnabled: read.data.isEnabled === 1 }] : [];
  });
}
