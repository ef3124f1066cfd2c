import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { aider } from "../../import/aider/aider.ts";
import { importOptions } from "../../import/options.ts";
import { runImport } from "../../import/run.ts";

export const definition = {
  name: "import aider",
  summary: "Take over keys and the model of Aider",
  details: [
    "Reads .aider.conf.yml and .env of this folder, of its repository and of your home folder. First it shows what would be\n" +
      "imported and asks. Nothing of Aider is changed.",
  ],
  options: importOptions,
  examples: [
    { command: "cara import aider --dry-run", says: "what would be imported?" },
    { command: "cara import aider --merge", says: "add it to what is set up here" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.11. */
export function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  return runImport({ source: aider, options, world });
}
