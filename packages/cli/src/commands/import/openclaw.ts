import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { openclaw } from "../../import/openclaw/openclaw.ts";
import { importOptions } from "../../import/options.ts";
import { runImport } from "../../import/run.ts";

export const definition = {
  name: "import openclaw",
  summary: "Take over keys, channels and the model of OpenClaw",
  details: [
    "Reads openclaw.json and .env in ~/.openclaw, or where OPENCLAW_CONFIG_PATH or OPENCLAW_STATE_DIR say. First it shows\n" +
      "what would be imported and asks. Sign-ins are not taken over. Nothing of OpenClaw is changed.",
  ],
  options: importOptions,
  examples: [
    { command: "cara import openclaw --dry-run", says: "what would be imported?" },
    { command: "cara import openclaw --merge", says: "add it to what is set up here" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.11. */
export function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  return runImport({ source: openclaw, options, world });
}
