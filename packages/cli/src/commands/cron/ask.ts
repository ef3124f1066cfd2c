import type { GatewayConnection } from "@carapace/client";
import type { CronJobView } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { timeoutMs } from "../../link/open-gateway.ts";

/**
 * A job by its id, the beginning of its id, or its name, with its next times.
 * @returns `not_found` for none, `conflict` for several
 */
export async function findJob(connection: GatewayConnection, named: string): Promise<Result<CronJobView>> {
  const listed = await connection.request("cron.list", {}, { timeoutMs });
  if (!listed.ok) return listed;
  const { jobs } = listed.value;
  const exact = jobs.filter(({ id, name }) => id === named || name === named);
  const found = exact.length > 0 ? exact : jobs.filter(({ id }) => named.length >= 4 && id.startsWith(named));
  const [job, other] = found;
  if (job === undefined)
    return refuse("not_found", `there is no job "${named}": cara cron list shows those there are`);
  if (other !== undefined)
    return refuse("conflict", `"${named}" means ${found.length} jobs: use the id that cara cron list shows`);
  return await jobWithTimes(connection, job.id);
}

/** A job by its id, with its next five times. */
export async function jobWithTimes(
  connection: GatewayConnection,
  jobId: string,
): Promise<Result<CronJobView>> {
  const answer = await connection.request("cron.list", { jobId, upcoming: 5 }, { timeoutMs });
  if (!answer.ok) return answer;
  const [job] = answer.value.jobs;
  return job === undefined ? refuse("not_found", `there is no job "${jobId}" any more`) : ok(job);
}
