import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { opencode } from "../../import/opencode/opencode.ts";
import { importOptions } from "../../import/options.ts";
import { runImport } from "../../import/run.ts";

export const definition = {
  name: "import opencode",
  summary: "Take over keys and the model of OpenCode",
  details: [
    "Reads opencode.json(c) or .opencode.json of this folder and of yours, and the keys that /connect stored. First it shows\n" +
      "what would be imported and asks. Sign-ins are not taken over. Nothing of OpenCode is changed.",
  ],
  options: importOptions,
  examples: [
    { command: "cara import opencode --dry-run", says: "what would be imported?" },
    { command: "cara import opencode --merge", says: "add it to what is set up here" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.11. */
export function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  return runImport({ source: opencode, options, world });
}
