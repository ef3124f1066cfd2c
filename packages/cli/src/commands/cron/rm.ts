import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions } from "../../command/options.ts";
import { openGateway, timeoutMs } from "../../link/open-gateway.ts";
import { findJob } from "./ask.ts";

export const definition = {
  name: "cron rm",
  summary: "Remove a scheduled job",
  details: ["A run of it that has begun goes on. Its history stays."],
  args: { job: { help: "Its id, the beginning of it, or its name", isRequired: true } },
  options: { json: jsonOption, ...remoteOptions },
  examples: [{ command: "cara cron rm 0b6f", says: "by the beginning of its id" }],
} as const satisfies CommandDefinition;

/** docs/schedules.md. */
export async function run({ options, args, world }: Run<typeof definition>): Promise<ExitCode> {
  const { out } = world;
  const opened = await openGateway(options, "operator.admin", world);
  if (!opened.ok) return out.fail(opened.say);
  await using connection = opened.value;
  const job = await findJob(connection, args.job);
  if (!job.ok) return out.fail(job.say);
  const removed = await connection.request("cron.remove", { jobId: job.value.id }, { timeoutMs });
  if (!removed.ok) return out.fail(removed.say);
  if (options.json) out.json(removed.value);
  else out.result(`Removed: ${job.value.name} (${job.value.id})`);
  return 0;
}
