import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { remoteOptions, yesOption } from "../../command/options.ts";
import { openGateway } from "../../link/open-gateway.ts";
import { answerRequest } from "./answer-request.ts";

export const definition = {
  name: "devices approve",
  summary: "Let a device in that waits",
  details: ["Shows which device it is and what it may do, and asks. It keeps that until you remove it."],
  args: {
    request: { help: "The request, or its beginning (default: the only one that waits)", isRequired: false },
  },
  options: {
    yes: yesOption,
    ...remoteOptions,
  },
  examples: [{ command: "cara devices approve", says: "the only one that waits" }],
} as const satisfies CommandDefinition;

/** docs/connect-a-client.md. */
export async function run({ options, args, world }: Run<typeof definition>): Promise<ExitCode> {
  const opened = await openGateway(options, ["operator.read", "operator.pairing"], world);
  if (!opened.ok) return world.out.fail(opened.say);
  await using connection = opened.value;
  return await answerRequest(connection, { id: args.request, verdict: "approve", yes: options.yes }, world);
}
