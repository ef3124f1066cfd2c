import { type Result, refuse } from "@carapace/protocol/failures";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { askAndShow } from "./ask.ts";
import { policyOptions, taskOptions } from "./options.ts";
import { readPayload, readPolicy } from "./payload.ts";

export const definition = {
  name: "task create",
  summary: "Give the assistant a task that it carries out by itself",
  details: [
    "A task is kept until it is done: it is tried again when it fails, and goes on after a restart. On a terminal the\n" +
      "answer is shown in words, else as JSON.",
  ],
  options: {
    message: { kind: "text", short: "m", value: "text", help: "What the assistant shall do" },
    channel: { kind: "text", value: "channel", help: "With --to: deliver the reply through this channel" },
    to: { kind: "text", value: "recipient", help: "With --channel: who gets the reply" },
    payload: { kind: "text", value: "json|@file|-", help: "Instead of --message: the whole payload" },
    nextRunAtMs: {
      kind: "whole",
      value: "ms",
      min: 0,
      max: 253_402_300_799_999,
      help: "Not before this time (Unix ms)",
    },
    dependsOn: { kind: "text", value: "id,...", help: "Not before these tasks are done" },
    idempotencyKey: { kind: "text", value: "key", help: "The same key again is the same task" },
    ...policyOptions,
    ...taskOptions,
  },
  examples: [
    { command: 'cara task create --message "Sort the notes of this week"', says: "at once" },
    { command: "cara task create --payload @task.json --max-attempts 5", says: "from a file" },
    {
      command: 'cara task create -m "Report the weather" --channel telegram --to 4711',
      says: "and deliver the reply",
    },
  ],
} as const satisfies CommandDefinition;

type Options = Run<typeof definition>["options"];

/** cli.md §3.7. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const payload = await payloadOf(options);
  if (!payload.ok) return world.out.fail(payload.say);
  const policy = readPolicy(options);
  if (!policy.ok) return world.out.fail(policy.say);
  const dependsOn = (options.dependsOn ?? "")
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");
  const json = {
    payload: payload.value,
    nextRunAtMs: options.nextRunAtMs ?? null,
    ...(policy.value === undefined ? {} : { policy: policy.value }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
  };
  // A key of its own: should the answer get lost, a second task would not be made by asking again.
  const headers = { "idempotency-key": options.idempotencyKey ?? world.newId() };
  return await askAndShow({ method: "POST", path: "/control/tasks", json, headers }, options, world);
}

async function payloadOf({
  message,
  payload,
  channel,
  to,
}: Options): Promise<Result<Record<string, unknown>>> {
  if ((message === undefined) === (payload === undefined))
    return refuse("invalid_request", "give the task either as --message or as --payload");
  if (payload !== undefined) {
    if (channel === undefined && to === undefined) return await readPayload(payload);
    return refuse(
      "invalid_request",
      "--channel and --to go with --message; a payload has its own channel and to",
    );
  }
  if ((channel === undefined) !== (to === undefined))
    return refuse("invalid_request", "--channel and --to belong together");
  const delivery = channel === undefined ? {} : { deliver: true, channel, to, bestEffortDeliver: true };
  return { ok: true, value: { kind: "agentTurn", message, ...delivery } };
}
