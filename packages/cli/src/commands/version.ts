import { protocolRange, version } from "@carapace/protocol/version";
import { machine, readBuild } from "../build/build.ts";
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

/** cli.md §3.16. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { platform, arch } = machine(process.platform, process.arch);
  const protocol = { min: protocolRange.min, max: protocolRange.max };
  const facts = {
    version,
    ...readBuild(),
    platform,
    arch,
    bun: Bun.version,
    protocol,
  };
  if (options.json) world.out.json(facts);
  else world.out.result(describe(facts));
  return 0;
}

function describe(facts: {
  readonly buildDate: string;
  readonly gitCommit: string;
  readonly platform: string;
  readonly arch: string;
}): string {
  return [
    `cara ${version}`,
    `Build date: ${facts.buildDate}`,
    `Git commit: ${facts.gitCommit}`,
    `Platform: ${facts.platform} (${facts.arch})`,
    `Runtime: bun ${Bun.version}`,
    `Protocol: ${protocolRange.min} to ${protocolRange.max}`,
  ].join("\n");
}
