import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions, yesOption } from "../../command/options.ts";
import type { ShownMessage } from "./ask.ts";
import { change } from "./change.ts";

export const definition = {
  name: "outbox retry",
  summary: "Send a message again that failed, expired or was dropped",
  details: [
    "It waits behind the other messages of its channel and has all its attempts again. Parts of it that went out are not\n" +
      "sent again. If it may have gone out nevertheless, you are asked.",
  ],
  args: { id: { help: "As cara outbox list shows it", isRequired: true } },
  options: { yes: yesOption, json: jsonOption, ...remoteOptions },
  examples: [
    { command: "cara outbox retry 0b6f…", says: "asks if it may have gone out" },
    { command: "cara outbox retry 0b6f… --yes", says: "in a script" },
  ],
} as const satisfies CommandDefinition;

/** docs/deliver-messages.md. */
export async function run({ options, args, world }: Run<typeof definition>): Promise<ExitCode> {
  const retry = {
    method: "outbox.retry",
    question: ({ mayHaveGoneOut }: ShownMessage) =>
      mayHaveGoneOut === true ? "It may have gone out already. Send it again?" : undefined,
    unasked: "it may have gone out already, so nothing was done; to send it again all the same, use --yes",
    refused: "Nothing was sent.",
  } as const;
  return await change(retry, { id: args.id, options, world });
}
