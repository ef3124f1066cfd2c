import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { hermes } from "../../import/hermes/hermes.ts";
import { importOptions } from "../../import/options.ts";
import { runImport } from "../../import/run.ts";

export const definition = {
  name: "import hermes",
  summary: "Take over keys, channels and the model of Hermes Agent",
  details: [
    "Reads config.yaml and .env in ~/.hermes, or in HERMES_HOME. First it shows what would be imported and asks. Sign-ins,\n" +
      "conversations and notes are not taken over. Nothing of Hermes is changed.",
  ],
  options: importOptions,
  examples: [
    { command: "cara import hermes --dry-run", says: "what would be imported?" },
    { command: "cara import hermes --merge", says: "add it to what is set up here" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.11. */
export function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  return runImport({ source: hermes, options, world });
}
