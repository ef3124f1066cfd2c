import { type CommandDefinition, longFlag, type OptionDefinition, valueName } from "./definition.ts";

/** `cara config get [options] <key>`. */
export function usageLine(definition: CommandDefinition): string {
  const args = Object.entries(definition.args ?? {}).map(([name, argument]) =>
    argument.isRequired ? `<${name}>` : `[${name}]`,
  );
  return ["cara", definition.name, "[options]", ...args].join(" ");
}

/** The help of one command, without a final newline. */
export function commandHelp(definition: CommandDefinition): string {
  const args = Object.entries(definition.args ?? {}).map(
    ([name, argument]): Row => [`<${name}>`, argument.help],
  );
  const sections = [
    `${definition.summary}.`,
    `Usage: ${usageLine(definition)}`,
    ...(definition.details ?? []),
    section("Arguments", args),
    section("Options", optionRows(definition)),
    section(
      "Examples",
      definition.examples.map((example): Row => [example.command, example.says]),
    ),
  ];
  return sections.filter((text) => text !== "").join("\n\n");
}

/** The flags of a command with their help, `--help` last. */
export function optionRows(definition: CommandDefinition): Row[] {
  const rows = Object.entries(definition.options).map(
    ([key, option]): Row => [flagText(key, option), option.help],
  );
  return [...rows, ["-h, --help", "Show this help"]];
}

function flagText(key: string, option: OptionDefinition): string {
  const long = `--${longFlag(key)}`;
  const flags = option.short === undefined ? `    ${long}` : `-${option.short}, ${long}`;
  return `${flags} ${valueName(option)}`.trimEnd();
}

interface Overview {
  readonly title: string;
  readonly usage: string;
  readonly rows: readonly Row[];
  readonly after: string;
}

/** The help of `cara` or of a group such as `cara config`. */
export function overview({ title, usage, rows, after }: Overview): string {
  return [title, `Usage: ${usage}`, section("Commands", rows), after]
    .filter((text) => text !== "")
    .join("\n\n");
}

export type Row = readonly [left: string, right: string];

function section(title: string, rows: readonly Row[]): string {
  if (rows.length === 0) return "";
  const width = Math.min(34, Math.max(...rows.map(([left]) => left.length)));
  const lines = rows.map(([left, right]) =>
    left.length > width ? `  ${left}\n  ${" ".repeat(width)}  ${right}` : `  ${left.padEnd(width)}  ${right}`,
  );
  return `${title}:\n${lines.join("\n")}`;
}
