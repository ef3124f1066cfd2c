import type { GatewayConnection } from "@carapace/client";
import type { Result } from "@carapace/protocol/failures";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions } from "../../command/options.ts";
import { openGateway, timeoutMs } from "../../link/open-gateway.ts";
import { findMessage, type ShownMessage } from "./ask.ts";
import { messageLine } from "./describe.ts";

export const definition = {
  name: "outbox send",
  summary: "Send a message over a channel",
  details: [
    "Waits a few seconds for what becomes of it; after that it goes out by itself. The same --key within a day is the\n" +
      "same message: a script that is not sure may simply ask again.",
  ],
  args: { message: { help: "What to send", isRequired: true, isRest: true } },
  options: {
    to: { kind: "text", value: "name", help: "Who gets it, as the channel names it (needed)" },
    channel: { kind: "text", value: "channel", help: "Over which channel (default: the only one)" },
    key: { kind: "text", value: "key", help: "What the message is known by (default: a new one)" },
    json: jsonOption,
    ...remoteOptions,
  },
  examples: [
    { command: "cara outbox send --to me hello", says: "to try a channel" },
    {
      command: "cara outbox send --to me --key backup-2026-11-22 done",
      says: "once, however often it is run",
    },
  ],
} as const satisfies CommandDefinition;

const patienceMs = 5000;
const pollMs = 50;

/** docs/deliver-messages.md. */
export async function run({ options, args, world }: Run<typeof definition>): Promise<ExitCode> {
  const { to, channel, key: idempotencyKey = world.newId() } = options;
  if (to === undefined) return world.out.fail("say who gets it: --to");
  const opened = await openGateway(options, "operator.write", world);
  if (!opened.ok) return world.out.fail(opened.say);
  await using connection = opened.value;
  const letter = { to, message: args.message, idempotencyKey, ...(channel && { channel }) };
  const queued = await connection.request("send", letter, { timeoutMs });
  if (!queued.ok) return world.out.fail(queued.say);
  const message = await outcomeOf(queued.value.messageId, connection, world.nowMs);
  if (!message.ok) return world.out.fail(message.say);
  if (options.json) world.out.json({ message: message.value });
  const { status, lastError, id, waitsFor } = message.value;
  const why = waitsFor ?? lastError;
  if (status === "failed")
    return world.out.fail(`${id} was not delivered: ${lastError ?? "nobody knows why"}`);
  if (!options.json) world.out.result(messageLine(message.value));
  if (status === "queued") world.out.note(`It waits${why ? ` (${why})` : ""}. See: cara outbox list`);
  return 0;
}

/** What became of it, or how it stands when a first attempt failed or nobody wants to wait longer. */
async function outcomeOf(
  id: string,
  connection: GatewayConnection,
  nowMs: () => number,
): Promise<Result<ShownMessage>> {
  const untilMs = nowMs() + patienceMs;
  for (;;) {
    const found = await findMessage(connection, id);
    if (!found.ok) return found;
    const { status, attempts, waitsFor } = found.value;
    const waits = status === "queued" && (attempts > 0 || waitsFor !== undefined);
    const isUnderWay = status === "sending" || (status === "queued" && !waits);
    if (!isUnderWay || nowMs() >= untilMs) return found;
    await Bun.sleep(pollMs);
  }
}
