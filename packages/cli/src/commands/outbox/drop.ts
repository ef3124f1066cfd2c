import { interruptible } from "../../closed-state/interruptible.ts";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions, yesOption } from "../../command/options.ts";
import { openGateway, timeoutMs } from "../../link/open-gateway.ts";
import { confirm } from "../../prompt/confirm.ts";
import { findMessage } from "./ask.ts";
import { messageLine } from "./describe.ts";

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
  const { out } = world;
  return await interruptible(world, async (signal) => {
    const opened = await openGateway(options, "operator.admin", world);
    if (!opened.ok) return out.fail(opened.say);
    await using connection = opened.value;
    const found = await findMessage(connection, args.id);
    if (!found.ok) return out.fail(found.say);
    if (!options.yes) {
      out.note(messageLine(found.value));
      const answer = await confirm("Drop this message?", signal);
      if (answer === "nobody")
        return out.fail("nothing was dropped; to do it without being asked, use --yes");
      if (answer === "no") {
        out.note("Nothing was dropped.");
        return 1;
      }
    }
    const dropped = await connection.request("outbox.drop", { id: args.id }, { timeoutMs });
    if (!dropped.ok) return out.fail(dropped.say);
    const { message } = dropped.value;
    if (options.json) out.json({ message });
    else out.result(messageLine(message));
    return 0;
  });
}
