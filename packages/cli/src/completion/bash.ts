import type { CompletedCommand, CompletionModel } from "./model.ts";

/** The completion script for bash 4 and newer. */
export function bashCompletion(model: CompletionModel): string {
  const top = [...model.top.map((entry) => entry.word), "--help", "--version"];
  const groups = model.groups.map(
    (group) => `    ${group.name})
      if (( COMP_CWORD == 2 )); then
        COMPREPLY=( $(compgen -W ${quote(group.members.map((entry) => entry.word))} -- "$cur") )
        return
      fi
      cmd="$cmd \${COMP_WORDS[2]}" ;;`,
  );
  return `# bash completion for cara. Load it with: source <(cara completion bash)
_cara() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" cmd="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=( $(compgen -W ${quote(top)} -- "$cur") )
    return
  fi
  case "$cmd" in
${groups.join("\n")}
  esac
  case "$cmd $prev" in
${model.commands.flatMap(valueCases).join("\n")}
  esac
  case "$cmd" in
${model.commands.map(optionCase).join("\n")}
  esac
}
complete -F _cara cara`;
}

/** What may follow an option that takes a value: its choices, or nothing we could know. */
function valueCases(command: CompletedCommand): string[] {
  return command.options
    .filter((option) => option.takesValue)
    .map((option) => {
      const flags = [`--${option.long}`, ...(option.short === undefined ? [] : [`-${option.short}`])];
      const pattern = flags.map((flag) => `"${command.name} ${flag}"`).join("|");
      const reply =
        option.choices.length === 0 ? "" : `COMPREPLY=( $(compgen -W ${quote(option.choices)} -- "$cur") ); `;
      return `    ${pattern}) ${reply}return ;;`;
    });
}

function optionCase(command: CompletedCommand): string {
  const words = [...command.argument, ...command.options.map((option) => `--${option.long}`)];
  const offered = `$(compgen -W ${quote(words)} -- "$cur")`;
  if (!command.takesFile) return `    "${command.name}") COMPREPLY=( ${offered} ) ;;`;
  // Line by line, for names with blanks; `filenames` quotes them and puts a slash behind folders.
  return `    "${command.name}")
      local IFS=$'\\n'
      COMPREPLY=( $(IFS=' ' compgen -W ${quote(words)} -- "$cur") $(compgen -f -- "$cur") )
      compopt -o filenames 2>/dev/null ;;`;
}

function quote(words: readonly string[]): string {
  return `'${words.join(" ")}'`;
}
