import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { idArgument, sendOnOptions } from "./options.ts";
import { sendOn } from "./send-on.ts";

export const definition = {
  name: "task retry",
  summary: "Try a task again that failed, waits, is blocked or was cancelled",
  args: idArgument,
  options: sendOnOptions,
  examples: [
    { command: "cara task retry ID", says: "at once" },
    { command: "cara task retry ID --delay-ms 600000", says: "in ten minutes" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.7. */
export async function run({ args, options, world }: Run<typeof definition>): Promise<ExitCode> {
  return await sendOn("retry", { id: args.id, options, world });
}
