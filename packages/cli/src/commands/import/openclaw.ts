import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import type { DataImport } from "../../import/data.ts";
import { openclaw } from "../../import/openclaw/openclaw.ts";
import { importOptions } from "../../import/options.ts";
import { runImport } from "../../import/run.ts";

export const definition = {
  name: "import openclaw",
  summary: "Take over settings, conversations, notes and schedules of OpenClaw",
  details: [
    "Reads openclaw.json and .env in ~/.openclaw, or where OPENCLAW_CONFIG_PATH or OPENCLAW_STATE_DIR say; then the\n" +
      "conversations, workspace notes and schedules beside them. First it shows what would be imported and asks.\n" +
      "Nothing of OpenClaw is changed; sign-ins are not taken over. Running it again adds nothing twice.",
    "Keys go into the configuration. What others wrote there keeps counting as theirs: conversations are labelled as imported.",
  ],
  options: {
    ...importOptions,
    only: {
      kind: "choice",
      choices: ["config", "data"],
      help: "Only the configuration, or only conversations, notes and schedules",
    },
  },
  examples: [
    { command: "cara import openclaw --dry-run", says: "what would be imported?" },
    { command: "cara import openclaw --merge", says: "add it to what is set up here" },
    { command: "cara import openclaw --only data", says: "leave the configuration as it is" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.11. */
export function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const data: DataImport = async (ask) =>
    (await import("../../import/openclaw-data/import.ts")).importOpenClawData(ask);
  return runImport({ source: openclaw, options, world, data });
}
