import { protocolRange, version } from "@carapace/protocol/version";
import type { CommandDefinition, ExitCode, Run } from "../command/definition.ts";
import { jsonOption } from "../command/options.ts";

export const definition = {
  name: "version",
  summary: "Print the version, the runtime and the platform",
  options: { json: jsonOption },
  examples: [
    { command: "cara version", says: "for a bug report" },
    { command: "cara version --json", says: "for a script" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.16; JSON adds the protocol range. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const facts = {
    version,
    runtime: `bun ${Bun.version}`,
    platform: process.platform,
    arch: process.arch,
    protocol: { min: protocolRange.min, max: protocolRange.max },
  };
  if (options.json) world.out.json(facts);
  else {
    const protocol = `${protocolRange.min} to ${protocolRange.max}`;
    world.out.result(
      `cara ${version}\nRuntime: ${facts.runtime}\nPlatform: ${facts.platform} (${facts.arch})\nProtocol: ${protocol}`,
    );
  }
  return 0;
}
