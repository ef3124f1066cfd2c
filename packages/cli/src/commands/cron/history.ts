import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions } from "../../command/options.ts";
import { openGateway, timeoutMs } from "../../link/open-gateway.ts";
import { findJob } from "./ask.ts";
import { runTable } from "./describe.ts";

export const definition = {
  name: "cron history",
  summary: "Show what scheduled jobs did, the newest first",
  args: { job: { help: "Only of this one: its id, the beginning of it, or its name", isRequired: false } },
  options: {
    lines: { kind: "whole", short: "n", value: "number", min: 1, max: 5000, help: "How many (default: 20)" },
    json: jsonOption,
    ...remoteOptions,
  },
  examples: [
    { command: "cara cron history", says: "the last twenty runs of all jobs" },
    { command: "cara cron history 0b6f -n 100", says: "of one job" },
  ],
} as const satisfies CommandDefinition;

/** docs/schedules.md. */
export async function run({ options, args, world }: Run<typeof definition>): Promise<ExitCode> {
  const { out } = world;
  const opened = await openGateway(options, "operator.read", world);
  if (!opened.ok) return out.fail(opened.say);
  await using connection = opened.value;
  const job = args.job === undefined ? undefined : await findJob(connection, args.job);
  if (job !== undefined && !job.ok) return out.fail(job.say);
  const ask = { limit: options.lines ?? 20, includeRunning: true, ...(job && { jobId: job.value.id }) };
  const [answer, listed] = await Promise.all([
    connection.request("cron.runs", ask, { timeoutMs }),
    connection.request("cron.list", {}, { timeoutMs }),
  ]);
  if (!answer.ok) return out.fail(answer.say);
  const { runs } = answer.value;
  const names = new Map(listed.ok ? listed.value.jobs.map(({ id, name }) => [id, name]) : []);
  if (options.json) out.json({ runs });
  else if (runs.length === 0) out.result("Nothing has run yet.");
  else out.result(runTable(runs, names));
  return 0;
}
