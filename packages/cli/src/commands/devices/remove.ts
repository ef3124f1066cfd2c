import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { remoteOptions } from "../../command/options.ts";
import { openGateway, timeoutMs } from "../../link/open-gateway.ts";
import { named, nameOf } from "./describe.ts";

export const definition = {
  name: "devices remove",
  summary: "Unpair a device: its connections and its token end at once",
  args: { device: { help: "The device, or the beginning of its id", isRequired: true } },
  options: remoteOptions,
  examples: [{ command: "cara devices remove 3f9a", says: "a phone that was lost" }],
} as const satisfies CommandDefinition;

/** docs/connect-a-client.md. */
export async function run({ options, args, world }: Run<typeof definition>): Promise<ExitCode> {
  const { out } = world;
  const opened = await openGateway(options, ["operator.read", "operator.pairing"], world);
  if (!opened.ok) return out.fail(opened.say);
  await using connection = opened.value;
  const listed = await connection.request("device.pair.list", {}, { timeoutMs });
  if (!listed.ok) return out.fail(listed.say);
  const found = named(listed.value.paired, args.device, ({ deviceId }) => deviceId);
  const [device] = found;
  if (device === undefined || found.length > 1)
    return out.fail(
      `"${args.device}" names ${found.length === 0 ? "none" : "several"} of the paired devices: cara devices list`,
    );
  const removed = await connection.request(
    "device.pair.remove",
    { deviceId: device.deviceId },
    { timeoutMs },
  );
  if (!removed.ok) return out.fail(removed.say);
  out.result(`${nameOf(device)} may not connect any more.`);
  return 0;
}
