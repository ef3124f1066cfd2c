import type { CompletedCommand, CompletedOption, CompletionModel, Entry } from "./model.ts";

/** The completion script for zsh. */
export function zshCompletion(model: CompletionModel): string {
  const groups = model.groups.map(
    (group) => `    ${group.name})
      if (( CURRENT == 3 )); then
        list=(${described(group.members)})
        _describe -t commands 'command' list
        return
      fi
      cmd="$cmd $words[3]"
      shift words
      (( CURRENT-- )) ;;`,
  );
  return `#compdef cara
# zsh completion for cara. Load it with: source <(cara completion zsh)
_cara() {
  local -a list
  local cmd=$words[2]
  if (( CURRENT == 2 )); then
    list=(${described(model.top)})
    _describe -t commands 'command' list
    return
  fi
  case $cmd in
${groups.join("\n")}
  esac
  shift words
  (( CURRENT-- ))
  case $cmd in
${model.commands.map(commandCase).join("\n")}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _cara "$@"
else
  compdef _cara cara
fi`;
}

function described(entries: readonly Entry[]): string {
  return entries.map((entry) => `'${entry.word}:${escapeSpec(entry.help)}'`).join(" ");
}

function commandCase(command: CompletedCommand): string {
  const argument = command.argument.length === 0 ? [] : [`'1:argument:(${command.argument.join(" ")})'`];
  const file = command.takesFile ? ["'1:file:_files'"] : [];
  const specs = [...command.options.map(optionSpec), ...argument, ...file];
  return `    '${command.name}') _arguments ${specs.join(" ")} ;;`;
}

function optionSpec(option: CompletedOption): string {
  const value = option.takesValue
    ? `:${option.long}:${option.choices.length > 0 ? `(${option.choices.join(" ")})` : ""}`
    : "";
  const rest = `'[${escapeSpec(option.help)}]${value}'`;
  if (option.short === undefined) return `--${option.long}${rest}`;
  return `'(-${option.short} --${option.long})'{-${option.short},--${option.long}}${rest}`;
}

function escapeSpec(text: string): string {
  return text.replace(/[\\[\]:]/g, "\\$&").replaceAll("'", "'\\''");
}
