import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { idArgument, sendOnOptions } from "./options.ts";
import { sendOn } from "./send-on.ts";

export const definition = {
  name: "task resume",
  summary: "Go on with a blocked task",
  args: idArgument,
  options: sendOnOptions,
  examples: [
    {
      command: 'cara task resume ID --reason "the key is set now"',
      says: "the assistant is told the reason",
    },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.7. */
export async function run({ args, options, world }: Run<typeof definition>): Promise<ExitCode> {
  return await sendOn("resume", { id: args.id, options, world });
}
