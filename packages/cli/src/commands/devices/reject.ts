import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { remoteOptions } from "../../command/options.ts";
import { openGateway } from "../../link/open-gateway.ts";
import { answerRequest } from "./answer-request.ts";

export const definition = {
  name: "devices reject",
  summary: "Turn a device away that waits",
  args: {
    request: { help: "The request, or its beginning (default: the only one that waits)", isRequired: false },
  },
  options: { ...remoteOptions },
  examples: [{ command: "cara devices reject", says: "the only one that waits" }],
} as const satisfies CommandDefinition;

/** docs/connect-a-client.md. */
export async function run({ options, args, world }: Run<typeof definition>): Promise<ExitCode> {
  const opened = await openGateway(options, ["operator.read", "operator.pairing"], world);
  if (!opened.ok) return world.out.fail(opened.say);
  await using connection = opened.value;
  return await answerRequest(connection, { id: args.request, verdict: "reject", yes: true }, world);
}
