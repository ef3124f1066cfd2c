import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";

export const definition = {
  name: "config path",
  summary: "Print which file holds the configuration, there or not",
  options: {},
  examples: [{ command: "cara config path", says: "for an editor" }],
} as const satisfies CommandDefinition;

export async function run({ world }: Run<typeof definition>): Promise<ExitCode> {
  const { configPathOf } = await import("@carapace/config");
  world.out.result(configPathOf(world.env));
  return 0;
}
