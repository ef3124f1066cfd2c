import type { CompletedCommand, CompletedOption, CompletionModel } from "./model.ts";

/** The completion script for fish. */
export function fishCompletion(model: CompletionModel): string {
  const top = model.top.map(
    (entry) => `complete -c cara -n __fish_use_subcommand -a ${entry.word} -d ${quote(entry.help)}`,
  );
  const members = model.groups.flatMap((group) => {
    const words = group.members.map((entry) => entry.word).join(" ");
    const isOpen = `__fish_seen_subcommand_from ${group.name}; and not __fish_seen_subcommand_from ${words}`;
    return group.members.map(
      (entry) => `complete -c cara -n ${quote(isOpen)} -a ${entry.word} -d ${quote(entry.help)}`,
    );
  });
  return [
    "# fish completion for cara. Load it with: cara completion fish | source",
    "complete -c cara -f",
    "complete -c cara -n __fish_use_subcommand -s h -l help -d 'Show the help'",
    "complete -c cara -n __fish_use_subcommand -s V -l version -d 'Print the version'",
    ...top,
    ...members,
    ...model.commands.flatMap(commandLines),
  ].join("\n");
}

function commandLines(command: CompletedCommand): string[] {
  const seen = command.name.split(" ").map((word) => `__fish_seen_subcommand_from ${word}`);
  const condition = quote(seen.join("; and "));
  const options = command.options.map((option) => `complete -c cara -n ${condition} ${optionFlags(option)}`);
  const argument =
    command.argument.length === 0
      ? []
      : [`complete -c cara -n ${condition} -a ${quote(command.argument.join(" "))}`];
  const file = command.takesFile ? [`complete -c cara -n ${condition} -F`] : [];
  return [...options, ...argument, ...file];
}

function optionFlags(option: CompletedOption): string {
  const short = option.short === undefined ? "" : `-s ${option.short} `;
  const value = option.takesValue
    ? ` -x${option.choices.length > 0 ? ` -a ${quote(option.choices.join(" "))}` : ""}`
    : "";
  return `${short}-l ${option.long}${value} -d ${quote(option.help)}`;
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
