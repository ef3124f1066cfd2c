import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions } from "../../command/options.ts";
import { openGateway, timeoutMs } from "../../link/open-gateway.ts";
import { findJob } from "./ask.ts";
import { jobTable, jobText } from "./describe.ts";

export const definition = {
  name: "cron list",
  summary: "Show scheduled jobs, the next due first, or one with its next times",
  args: { job: { help: "Only this one: its id, the beginning of it, or its name", isRequired: false } },
  options: {
    enabled: { kind: "flag", help: "Only jobs that are switched on" },
    json: jsonOption,
    ...remoteOptions,
  },
  examples: [
    { command: "cara cron list", says: "all of them" },
    { command: "cara cron list 0b6f", says: "one, with its next five times" },
    { command: "cara cron list --json", says: "for a script" },
  ],
} as const satisfies CommandDefinition;

/** docs/schedules.md. */
export async function run({ options, args, world }: Run<typeof definition>): Promise<ExitCode> {
  const { out } = world;
  const opened = await openGateway(options, "operator.read", world);
  if (!opened.ok) return out.fail(opened.say);
  await using connection = opened.value;
  if (args.job !== undefined) {
    const job = await findJob(connection, args.job);
    if (!job.ok) return out.fail(job.say);
    if (options.json) out.json({ job: job.value });
    else out.result(jobText(job.value, world.nowMs()));
    return 0;
  }
  const [listed, status] = await Promise.all([
    connection.request("cron.list", { includeDisabled: !options.enabled }, { timeoutMs }),
    connection.request("cron.status", {}, { timeoutMs }),
  ]);
  if (!listed.ok) return out.fail(listed.say);
  const { jobs } = listed.value;
  if (options.json) out.json({ jobs });
  else if (jobs.length === 0) out.result("There are no scheduled jobs: cara cron add makes one.");
  else out.result(jobTable(jobs, world.nowMs()));
  if (status.ok && !status.value.enabled) out.note("Schedules are switched off (cron.enabled is false).");
  return 0;
}
