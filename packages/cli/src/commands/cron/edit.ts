import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions } from "../../command/options.ts";
import { openGateway, timeoutMs } from "../../link/open-gateway.ts";
import { findJob, jobWithTimes } from "./ask.ts";
import { jobText } from "./describe.ts";
import { jobOptions } from "./options.ts";
import { readJobWords } from "./read-job.ts";

export const definition = {
  name: "cron edit",
  summary: "Change a scheduled job, or switch it on or off",
  details: ["What you do not name stays as it is."],
  args: { job: { help: "Its id, the beginning of it, or its name", isRequired: true } },
  options: {
    ...jobOptions,
    enabled: { kind: "flag", help: "Switch it on" },
    disabled: { kind: "flag", help: "Switch it off" },
    json: jsonOption,
    ...remoteOptions,
  },
  examples: [
    { command: "cara cron edit 0b6f --every 3h", says: "less often" },
    { command: "cara cron edit 0b6f --disabled", says: "not for now" },
  ],
} as const satisfies CommandDefinition;

/** docs/schedules.md. */
export async function run({ options, args, world }: Run<typeof definition>): Promise<ExitCode> {
  const { out } = world;
  if (options.enabled && options.disabled) return out.fail("--enabled and --disabled exclude each other");
  const opened = await openGateway(options, "operator.admin", world);
  if (!opened.ok) return out.fail(opened.say);
  await using connection = opened.value;
  const found = await findJob(connection, args.job);
  if (!found.ok) return out.fail(found.say);
  const { id: jobId, payload } = found.value;
  const read = readJobWords(options, { nowMs: world.nowMs(), payload });
  if (!read.ok) return out.fail(read.say);
  const switched = options.enabled ? { enabled: true } : options.disabled ? { enabled: false } : {};
  const changes = { ...read.value, ...switched };
  if (Object.keys(changes).length === 0) return out.fail("say what to change: cara cron edit --help");
  const updated = await connection.request("cron.update", { jobId, ...changes }, { timeoutMs });
  if (!updated.ok) return out.fail(updated.say);
  const job = await jobWithTimes(connection, jobId);
  if (!job.ok) return out.fail(job.say);
  if (options.json) out.json({ job: job.value });
  else out.result(jobText(job.value, world.nowMs()));
  return 0;
}
