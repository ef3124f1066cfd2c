import { interruptible } from "../../closed-state/interruptible.ts";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions, yesOption } from "../../command/options.ts";
import { openGateway, timeoutMs } from "../../link/open-gateway.ts";
import { confirm } from "../../prompt/confirm.ts";
import { findMessage } from "./ask.ts";
import { messageLine } from "./describe.ts";

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
  const { out } = world;
  return await interruptible(world, async (signal) => {
    const opened = await openGateway(options, "operator.admin", world);
    if (!opened.ok) return out.fail(opened.say);
    await using connection = opened.value;
    const found = await findMessage(connection, args.id);
    if (!found.ok) return out.fail(found.say);
    if (found.value.mayHaveGoneOut === true && !options.yes) {
      out.note(messageLine(found.value));
      const answer = await confirm("It may have gone out already. Send it again?", signal);
      if (answer === "nobody")
        return out.fail(
          "it may have gone out already, so nothing was done; to send it again all the same, use --yes",
        );
      if (answer === "no") {
        out.note("Nothing was sent.");
        return 1;
      }
    }
    const retried = await connection.request("outbox.retry", { id: args.id }, { timeoutMs });
    if (!retried.ok) return out.fail(retried.say);
    const { message } = retried.value;
    if (options.json) out.json({ message });
    else out.result(messageLine(message));
    return 0;
  });
}
