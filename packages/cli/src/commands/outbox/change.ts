import { interruptible } from "../../closed-state/interruptible.ts";
import type { ExitCode, OptionValues } from "../../command/definition.ts";
import type { jsonOption, remoteOptions, yesOption } from "../../command/options.ts";
import { openGateway, timeoutMs } from "../../link/open-gateway.ts";
import { confirm } from "../../prompt/confirm.ts";
import type { CliWorld } from "../../world.ts";
import { findMessage, type ShownMessage } from "./ask.ts";
import { messageLine } from "./describe.ts";

/** What every command that changes a message is told. */
type ChangeOptions = OptionValues<
  typeof remoteOptions & { readonly yes: typeof yesOption; readonly json: typeof jsonOption }
>;

/** What is done to a message, and what is asked before. */
interface Change {
  readonly method: "outbox.retry" | "outbox.drop";
  /** Undefined: nothing is asked of this message. */
  readonly question: (message: ShownMessage) => string | undefined;
  /** What is said where nobody is there to answer, and after a no. */
  readonly unasked: string;
  readonly refused: string;
}

interface Asked {
  readonly id: string;
  readonly options: ChangeOptions;
  readonly world: CliWorld;
}

/** Retry and drop: shows the message and asks before it is changed, and shows it afterwards. */
export async function change(
  { method, question, unasked, refused }: Change,
  { id, options, world }: Asked,
): Promise<ExitCode> {
  const { out } = world;
  return await interruptible(world, async (signal) => {
    const opened = await openGateway(options, "operator.admin", world);
    if (!opened.ok) return out.fail(opened.say);
    await using connection = opened.value;
    const found = await findMessage(connection, id);
    if (!found.ok) return out.fail(found.say);
    const asked = options.yes ? undefined : question(found.value);
    if (asked !== undefined) {
      out.note(messageLine(found.value));
      const answer = await confirm(asked, signal);
      if (answer === "nobody") return out.fail(unasked);
      if (answer === "no") {
        out.note(refused);
        return 1;
      }
    }
    const changed = await connection.request(method, { id }, { timeoutMs });
    if (!changed.ok) return out.fail(changed.say);
    const { message } = changed.value;
    if (options.json) out.json({ message });
    else out.result(messageLine(message));
    return 0;
  });
}
