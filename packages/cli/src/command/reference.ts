import type { CommandDefinition } from "./definition.ts";
import { optionRows, usageLine } from "./usage.ts";

/** The reference page of the command line, as Markdown, generated from the command table. */
export function referencePage(definitions: readonly CommandDefinition[]): string {
  const intro = [
    "# Command line",
    "Generated from the command table; do not edit.",
    "`cara` without a command starts the gateway. Exit codes: 0 done, 1 failed or refused, 2 wrong usage, 130 interrupted. Results go to stdout, everything else to stderr.",
  ];
  return `${[...intro, ...definitions.map(commandSection)].join("\n\n")}\n`;
}

function commandSection(definition: CommandDefinition): string {
  const args = Object.entries(definition.args ?? {}).map(
    ([name, argument]) => [`<${name}>`, argument.help] as const,
  );
  const rows = [...args, ...optionRows(definition)].map(
    ([left, right]) => `| \`${left.trim().replaceAll("|", "\\|")}\` | ${right.replaceAll("|", "\\|")} |`,
  );
  const examples = definition.examples.map((example) => `- \`${example.command}\`: ${example.says}`);
  return [
    `## cara ${definition.name}`,
    `${definition.summary}.`,
    `\`${usageLine(definition)}\``,
    ...(definition.details ?? []),
    `| Word | Meaning |\n|---|---|\n${rows.join("\n")}`,
    examples.join("\n"),
  ].join("\n\n");
}
