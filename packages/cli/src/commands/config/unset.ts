import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { tellConfigChanged } from "../audit/tell.ts";
import { noteWarnings, writeContext, writeRefusal } from "./writing.ts";

export const definition = {
  name: "config unset",
  summary: "Remove one key from the configuration file",
  args: { key: { help: "For example gateway.port", isRequired: true } },
  options: {},
  examples: [{ command: "cara config unset gateway.port", says: "back to the default" }],
} as const satisfies CommandDefinition;

export async function run({ args, world }: Run<typeof definition>): Promise<ExitCode> {
  const { unsetConfigValue } = await import("@carapace/config/write");
  const key = args.key.trim();
  const written = await unsetConfigValue(key, writeContext(world.env, "config unset"));
  if (!written.ok) return world.out.fail(writeRefusal(written));
  world.out.result(`Removed ${key}`);
  await noteWarnings(written.value, world.out);
  await tellConfigChanged("unset", key, world);
  return 0;
}
