import {
  type CommandDefinition,
  longFlag,
  type OptionDefinition,
  takesValue,
} from "../command/definition.ts";

/** What the shells' scripts are generated from: the words and options of the command table. */
export interface CompletionModel {
  /** First words with their summaries. */
  readonly top: readonly Entry[];
  /** Second words of a group. */
  readonly groups: readonly { readonly name: string; readonly members: readonly Entry[] }[];
  readonly commands: readonly CompletedCommand[];
}

export interface Entry {
  readonly word: string;
  readonly help: string;
}

export interface CompletedCommand {
  /** `status`, `config get`. */
  readonly name: string;
  readonly options: readonly CompletedOption[];
  /** Words its first argument may be. */
  readonly argument: readonly string[];
  /** Its first argument is a file. */
  readonly takesFile: boolean;
}

export interface CompletedOption {
  readonly long: string;
  readonly short?: string;
  readonly help: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** Pure: definitions in, model out. */
export function completionModel(
  definitions: readonly CommandDefinition[],
  groups: Readonly<Record<string, string>>,
): CompletionModel {
  const single = definitions.filter((definition) => !definition.name.includes(" "));
  const groupEntries = Object.entries(groups).map(([word, help]) => ({ word, help }));
  return {
    top: [
      ...single.map((definition) => ({ word: definition.name, help: definition.summary })),
      ...groupEntries,
    ],
    groups: groupEntries.map(({ word }) => ({ name: word, members: membersOf(word, definitions) })),
    commands: definitions.map((definition) =>
      completedCommand(definition, [...single.map((one) => one.name), ...Object.keys(groups)]),
    ),
  };
}

function membersOf(group: string, definitions: readonly CommandDefinition[]): Entry[] {
  return definitions
    .filter((definition) => definition.name.startsWith(`${group} `))
    .map((definition) => ({ word: definition.name.slice(group.length + 1), help: definition.summary }));
}

/** @param topics what `help` explains */
function completedCommand(definition: CommandDefinition, topics: readonly string[]): CompletedCommand {
  const options = Object.entries(definition.options).map(([key, option]) => completedOption(key, option));
  const firstArgument = Object.values(definition.args ?? {})[0];
  const argument = definition.name === "help" ? topics : (firstArgument?.choices ?? []);
  return {
    name: definition.name,
    options: [
      ...options,
      { long: "help", short: "h", help: "Show the help", takesValue: false, choices: [] },
    ],
    argument,
    takesFile: firstArgument?.isFile === true,
  };
}

function completedOption(key: string, option: OptionDefinition): CompletedOption {
  return {
    long: longFlag(key),
    ...(option.short === undefined ? {} : { short: option.short }),
    help: option.help,
    takesValue: takesValue(option),
    choices: wordsOf(option),
  };
}

function wordsOf(option: OptionDefinition): readonly string[] {
  if (option.kind === "choice") return option.choices;
  return option.kind === "text" ? (option.offers ?? []) : [];
}
