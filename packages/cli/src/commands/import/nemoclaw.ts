import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { nemoclaw } from "../../import/nemoclaw/nemoclaw.ts";
import { importOptions } from "../../import/options.ts";
import { runImport } from "../../import/run.ts";

export const definition = {
  name: "import nemoclaw",
  summary: "Take over the model and the key of NemoClaw",
  details: [
    "Reads ~/.nemoclaw/config.json, and the key from the variable that it names or from credentials.json. First it shows what\n" +
      "would be imported and asks. Nothing of NemoClaw is changed.",
  ],
  options: importOptions,
  examples: [
    { command: "cara import nemoclaw --dry-run", says: "what would be imported?" },
    { command: "cara import nemoclaw --merge", says: "add it to what is set up here" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.11. */
export function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  return runImport({ source: nemoclaw, options, world });
}
