import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { longFlag } from "../../command/definition.ts";
import { askAndShow, pathOf } from "./ask.ts";
import { idArgument, policyOptions, reasonOption, taskOptions } from "./options.ts";
import { readPayload, readPolicy } from "./payload.ts";

export const definition = {
  name: "task update",
  summary: "Change what a task does, or what it may use",
  details: ["Not while it runs, and not once it is done."],
  args: idArgument,
  options: {
    payload: { kind: "text", value: "json|@file|-", help: "The whole new payload" },
    reason: reasonOption,
    ...policyOptions,
    ...taskOptions,
  },
  examples: [
    { command: "cara task update ID --max-attempts 200", says: "then: cara task retry ID" },
    { command: "cara task update ID --payload @task.json", says: "do something else" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.7. */
export async function run({ args, options, world }: Run<typeof definition>): Promise<ExitCode> {
  const path = pathOf(args.id, world);
  if (path === undefined) return 1;
  const payload = options.payload === undefined ? undefined : await readPayload(options.payload);
  if (payload?.ok === false) return world.out.fail(payload.say);
  const policy = readPolicy(options);
  if (!policy.ok) return world.out.fail(policy.say);
  const json = {
    ...(payload === undefined ? {} : { payload: payload.value }),
    ...(policy.value === undefined ? {} : { policy: policy.value }),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  };
  if (Object.keys(json).length > 0) return await askAndShow({ method: "PATCH", path, json }, options, world);
  const flags = ["payload", "reason", ...Object.keys(policyOptions)].map((key) => `--${longFlag(key)}`);
  return world.out.fail(`there is nothing to change: give at least one of ${flags.join(", ")}`);
}
