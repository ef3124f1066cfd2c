import type { CommandDefinition, ExitCode, Run } from "../command/definition.ts";
import { remoteOptions } from "../command/options.ts";
import { resolveTarget } from "../link/resolve-target.ts";
import { prettyJson } from "../output/json.ts";

export const definition = {
  name: "support",
  summary: "Write a report for whoever helps you, without secrets",
  details: [
    "In it: versions, the configuration in force, what cara doctor finds, what the gateway says of itself, the end of\n" +
      "its log, and the names and modes of the files of the state directory. Not in it: conversations, notes, prompts,\n" +
      "secrets, addresses and numbers of people. Read it before you send it.",
  ],
  options: {
    output: {
      kind: "text",
      short: "o",
      value: "file",
      help: "Where to write it (default: carapace-support-<time>.json here); never over a file",
    },
    ...remoteOptions,
  },
  examples: [
    { command: "cara support", says: "a new file in this folder" },
    { command: "cara support -o report.json", says: "under another name" },
  ],
} as const satisfies CommandDefinition;

/** A file only the owner can read, which must not be there yet. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const resolved = await resolveTarget(options, world);
  if (!resolved.ok) return world.out.fail(resolved.say);
  const [{ supportReport }, { createPrivate }, { resolve }] = await Promise.all([
    import("../support/report.ts"),
    import("@carapace/files"),
    import("node:path"),
  ]);
  const time = new Date(world.nowMs()).toISOString().replace(/[-:]|\.\d+/g, "");
  const path = resolve(options.output ?? `carapace-support-${time}.json`);
  const report = await supportReport(resolved.value, world);
  const made = createPrivate(path, Buffer.from(`${prettyJson(report)}\n`));
  if (!made.ok) {
    if (made.problem !== "exists") return world.out.fail(made.say);
    return world.out.fail(`${path} is there already; choose another name with --output`);
  }
  world.out.result(
    `${path}\nVersions, configuration, state of the gateway and its log, file names and modes: without secrets, without\n` +
      "conversations, readable by you alone. Read it before you send it.",
  );
  return 0;
}
