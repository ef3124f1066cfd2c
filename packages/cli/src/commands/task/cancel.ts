import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { askAndShow, pathOf } from "./ask.ts";
import { idArgument, reasonOption, taskOptions } from "./options.ts";

export const definition = {
  name: "task cancel",
  summary: "Cancel a task, and stop its run",
  args: idArgument,
  options: { reason: reasonOption, ...taskOptions },
  examples: [
    { command: 'cara task cancel ID --reason "not needed any more"', says: "it can be retried later" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.7. */
export async function run({ args, options, world }: Run<typeof definition>): Promise<ExitCode> {
  const path = pathOf(args.id, world, "cancel");
  const body = options.reason === undefined ? {} : { json: { reason: options.reason } };
  return path === undefined ? 1 : await askAndShow({ method: "POST", path, ...body }, options, world);
}
