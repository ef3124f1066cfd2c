import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions } from "../../command/options.ts";
import { openGateway, timeoutMs } from "../../link/open-gateway.ts";
import { jobWithTimes } from "./ask.ts";
import { jobText } from "./describe.ts";
import { jobOptions } from "./options.ts";
import { readJobWords } from "./read-job.ts";

export const definition = {
  name: "cron add",
  summary: "Add a scheduled job",
  details: [
    "A job says when (--at, --every or --cron) and what (--message or --event). A message is a turn of the assistant: it\n" +
      "costs what a model call costs. An event only tells the assistant something in the main session.",
  ],
  options: {
    ...jobOptions,
    deleteAfterRun: { kind: "flag", help: "With --at: forget the job once it ran" },
    disabled: { kind: "flag", help: "Add it switched off" },
    idempotencyKey: { kind: "text", value: "key", help: "The same key again is the same job" },
    json: jsonOption,
    ...remoteOptions,
  },
  examples: [
    {
      command: 'cara cron add --cron "0 9 * * 1-5" -m "What is due today?"',
      says: "on working days at nine",
    },
    { command: 'cara cron add --at "in 20m" --event "The tea is ready"', says: "a reminder" },
    {
      command: 'cara cron add --every 2h -m "Any news?" --deliver telegram:123 --max-runs 6',
      says: "with a reply on Telegram, six times a day at most",
    },
  ],
} as const satisfies CommandDefinition;

const maxNameChars = 40;

/** docs/schedules.md. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { out } = world;
  const read = readJobWords(options, { nowMs: world.nowMs() });
  if (!read.ok) return out.fail(read.say);
  const { schedule, payload, name, ...rest } = read.value;
  if (schedule === undefined) return out.fail("say when: --at, --every or --cron");
  if (payload === undefined) return out.fail("say what: --message or --event");
  const text = options.message ?? options.event ?? "";
  if (text.trim() === "") return out.fail("say what: --message and --event need some words");
  if (options.idempotencyKey?.trim() === "") return out.fail("--idempotency-key is blank");
  const params = {
    ...rest,
    ...{ schedule, payload },
    name: name ?? (text.trim().split("\n")[0] ?? "").slice(0, maxNameChars).toWellFormed(),
    sessionTarget: rest.sessionTarget ?? (options.message === undefined ? "main" : "isolated"),
    enabled: !options.disabled,
    deleteAfterRun: options.deleteAfterRun,
    ...(options.idempotencyKey !== undefined && { idempotencyKey: options.idempotencyKey }),
  };
  const opened = await openGateway(options, "operator.admin", world);
  if (!opened.ok) return out.fail(opened.say);
  await using connection = opened.value;
  const added = await connection.request("cron.add", params, { timeoutMs });
  if (!added.ok) return out.fail(added.say);
  const job = await jobWithTimes(connection, added.value.job.id);
  if (!job.ok) return out.fail(job.say);
  if (options.json) out.json({ job: job.value });
  else out.result(jobText(job.value, world.nowMs()));
  const status = await connection.request("cron.status", {}, { timeoutMs });
  if (status.ok && !status.value.enabled)
    out.note("Schedules are switched off: set cron.enabled to true, or run jobs with cara cron run.");
  const { channel } = payload;
  if (typeof channel === "string" && (await isMissing(channel, connection)))
    out.note(`No channel called ${channel} is set up yet: until it is, the replies are not delivered.`);
  return 0;
}

type Connection = Parameters<typeof jobWithTimes>[0];

async function isMissing(channel: string, connection: Connection): Promise<boolean> {
  const status = await connection.request("channels.status", {}, { timeoutMs });
  return status.ok && !status.value.channels.some(({ id }) => id === channel);
}
