import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions } from "../../command/options.ts";
import { openGateway, timeoutMs } from "../../link/open-gateway.ts";
import { findJob } from "./ask.ts";

export const definition = {
  name: "cron run",
  summary: "Run a scheduled job now",
  details: ["Its schedule stays as it is. cara cron history shows what came of it."],
  args: { job: { help: "Its id, the beginning of it, or its name", isRequired: true } },
  options: {
    due: { kind: "flag", help: "Only if its time has come" },
    json: jsonOption,
    ...remoteOptions,
  },
  examples: [{ command: "cara cron run 0b6f", says: "to try it" }],
} as const satisfies CommandDefinition;

/** docs/schedules.md. */
export async function run({ options, args, world }: Run<typeof definition>): Promise<ExitCode> {
  const { out } = world;
  const opened = await openGateway(options, "operator.admin", world);
  if (!opened.ok) return out.fail(opened.say);
  await using connection = opened.value;
  const job = await findJob(connection, args.job);
  if (!job.ok) return out.fail(job.say);
  const mode = options.due ? "due" : "force";
  const asked = await connection.request("cron.run", { jobId: job.value.id, mode }, { timeoutMs });
  if (!asked.ok) return out.fail(asked.say);
  const { ran, reason, runId } = asked.value;
  if (options.json) out.json(asked.value);
  if (!ran) return out.fail(reason === "not-due" ? "it is not due yet" : "it runs already");
  if (!options.json) out.result(`Started: ${job.value.name} (run ${runId ?? ""})`);
  return 0;
}
