import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions, yesOption } from "../../command/options.ts";
import { change } from "./change.ts";

export const definition = {
  name: "outbox drop",
  summary: "Take a message out that waits or failed: it is not sent",
  details: ["It is shown as cancelled for a day. One that is being sent at this moment is not stopped."],
  args: { id: { help: "As cara outbox list shows it", isRequired: true } },
  options: { yes: yesOption, json: jsonOption, ...remoteOptions },
  examples: [
    { command: "cara outbox drop 0b6f…", says: "asks first" },
    { command: "cara outbox drop 0b6f… --yes", says: "in a script" },
  ],
} as const satisfies CommandDefinition;

/** docs/deliver-messages.md. */
export async function run({ options, args, world }: Run<typeof definition>): Promise<ExitCode> {
  const drop = {
    method: "outbox.drop",
    question: () => "Drop this message?",
    unasked: "nothing was dropped; to do it without being asked, use --yes",
    refused: "Nothing was dropped.",
  } as const;
  return await change(drop, { id: args.id, options, world });
}
