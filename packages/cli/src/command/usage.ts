import { type CommandDefinition, longFlag, type OptionDefinition, valueName } from "./definition.ts";
import { wrap } from "./wrap.ts";

/** `cara config get [options] <key>`. */
export function usageLine(definition: CommandDefinition): string {
  const args = Object.entries(definition.args ?? {}).map(([name, argument]) =>
    argument.isRequired ? `<${name}>` : `[${name}]`,
  );
  return ["cara", definition.name, "[options]", ...args].join(" ");
}

/** The help of one command, without a final newline. @param columns how wide it may be, 40 at least */
export function commandHelp(definition: CommandDefinition, columns: number): string {
  const args = Object.entries(definition.args ?? {}).map(
    ([name, argument]): Row => [`<${name}>`, argument.help],
  );
  const sections = [
    `${definition.summary}.`,
    `Usage: ${usageLine(definition)}`,
    ...(definition.details ?? []).map((text) => wrap(text, columns).join("\n")),
    section("Arguments", args, columns),
    section("Options", optionRows(definition), columns),
    section(
      "Examples",
      definition.examples.map((example): Row => [example.command, example.says]),
      columns,
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
  readonly columns: number;
}

/** The help of `cara` or of a group such as `cara config`. */
export function overview({ title, usage, rows, after, columns }: Overview): string {
  return [title, `Usage: ${usage}`, section("Commands", rows, columns), after]
    .filter((text) => text !== "")
    .join("\n\n");
}

export type Row = readonly [left: string, right: string];

/** The left column's share of a narrow terminal. */
const leftShare = 0.45;

function section(title: string, rows: readonly Row[], columns: number): string {
  if (rows.length === 0) return "";
  const most = Math.min(34, Math.floor(columns * leftShare));
  const width = Math.min(most, Math.max(...rows.map(([left]) => left.length)));
  const lines = rows.flatMap(([left, right]) => row(left, wrap(right, columns - width - 4), width));
  return `${title}:\n${lines.join("\n")}`;
}

/** What is too wide for its column stands above what is said of it. */
function row(left: string, right: readonly string[], width: number): string[] {
  const under = " ".repeat(width + 4);
  const [first = "", ...rest] = right;
  const lines = rest.map((line) => `${under}${line}`);
  if (left.length > width) return [`  ${left}`, `${under}${first}`, ...lines];
  return [`  ${left.padEnd(width)}  ${first}`, ...lines];
}
