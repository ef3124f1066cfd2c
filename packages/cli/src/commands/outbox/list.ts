import type { MethodResult } from "@carapace/protocol";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions } from "../../command/options.ts";
import { openGateway, timeoutMs } from "../../link/open-gateway.ts";
import { messageTable } from "./describe.ts";

export const definition = {
  name: "outbox list",
  summary: "Show messages on their way out, and those that were not delivered",
  details: [
    "The newest are shown first. What was delivered is forgotten after a day, what failed after 30 days.",
  ],
  options: {
    status: {
      kind: "choice",
      choices: ["queued", "sending", "sent", "failed", "cancelled", "expired"],
      help: "Only messages that are so",
    },
    channel: { kind: "text", value: "channel", help: "Only messages of this channel" },
    lines: { kind: "whole", short: "n", value: "number", min: 1, max: 500, help: "How many (default: 50)" },
    json: jsonOption,
    ...remoteOptions,
  },
  examples: [
    { command: "cara outbox list", says: "the newest messages" },
    { command: "cara outbox list --status failed", says: "what was not delivered, and why" },
    { command: "cara outbox list --channel webhook --json", says: "for a script" },
  ],
} as const satisfies CommandDefinition;

/** docs/deliver-messages.md. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const opened = await openGateway(options, "operator.read", world);
  if (!opened.ok) return world.out.fail(opened.say);
  await using connection = opened.value;
  const { status, channel, lines: limit = 50 } = options;
  const ask = { ...(status && { status }), ...(channel && { channel: channel.toLowerCase() }), limit };
  const answer = await connection.request("outbox.list", ask, { timeoutMs });
  if (!answer.ok) return world.out.fail(answer.say);
  const { messages, counts } = answer.value;
  if (options.json) world.out.json({ messages, counts });
  else if (messages.length === 0)
    world.out.result(`No messages${status ? ` are ${status}` : ""}.${sumOf(counts, " ")}`);
  else world.out.result(`${messageTable(messages, world.nowMs())}${sumOf(counts, "\n\n")}`);
  return 0;
}

/** How many there are, behind `gap`; nothing if there are none. */
function sumOf(counts: MethodResult<"outbox.list">["counts"], gap: string): string {
  const said = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`);
  return said.length === 0 ? "" : `${gap}Of all channels: ${said.join(", ")}.`;
}
