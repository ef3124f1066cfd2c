import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { askAndShow, pathOf } from "./ask.ts";
import { idArgument, taskOptions } from "./options.ts";

export const definition = {
  name: "task get",
  summary: "Show a task",
  args: idArgument,
  options: taskOptions,
  examples: [
    { command: "cara task get 0d8e62a4-9b0c-4c59-8a0f-2f4e8c0f3a11", says: "how it stands" },
    { command: "cara task get ID --json", says: "for a script" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.7. */
export async function run({ args, options, world }: Run<typeof definition>): Promise<ExitCode> {
  const path = pathOf(args.id, world);
  return path === undefined ? 1 : await askAndShow({ method: "GET", path }, options, world);
}
