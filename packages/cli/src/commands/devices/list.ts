import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions } from "../../command/options.ts";
import { openGateway, timeoutMs } from "../../link/open-gateway.ts";
import { pairedTable, waitingTable } from "./describe.ts";

export const definition = {
  name: "devices list",
  summary: "Show which devices may connect, and which wait for your approval",
  details: [
    "A request that nobody answers is forgotten after an hour; the device asks again when it connects.",
  ],
  options: { json: jsonOption, ...remoteOptions },
  examples: [{ command: "cara devices list", says: "who asked, from where, and for what" }],
} as const satisfies CommandDefinition;

/** docs/connect-a-client.md. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { out, nowMs } = world;
  const opened = await openGateway(options, "operator.read", world);
  if (!opened.ok) return out.fail(opened.say);
  await using connection = opened.value;
  const answer = await connection.request("device.pair.list", {}, { timeoutMs });
  if (!answer.ok) return out.fail(answer.say);
  const { pending, paired } = answer.value;
  if (options.json) {
    out.json({ pending, paired });
    return 0;
  }
  if (pending.length > 0) {
    out.result(`${waitingTable(pending, nowMs())}\n`);
    out.note(
      "To let one in: cara devices approve <request>. Approve only what you have just started yourself.",
    );
  }
  out.result(paired.length === 0 ? "No devices are paired." : pairedTable(paired, nowMs()));
  return 0;
}
