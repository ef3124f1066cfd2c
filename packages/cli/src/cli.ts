import type { AnyCommand, ExitCode } from "./command/definition.ts";
import { parseCommand } from "./command/parse.ts";
import { closest } from "./command/suggest.ts";
import { commandHelp, usageLine } from "./command/usage.ts";
import { helpColumns } from "./command/wrap.ts";
import { commands, groups } from "./commands/index.ts";
import type { CliWorld } from "./world.ts";

/** Wrong usage: what is wrong, how it is used, and what to type for more. */
interface WrongUsage {
  readonly kind: "wrong";
  readonly say: string;
  readonly usage: string;
  /** What `help` lists. */
  readonly about: "commands" | "options";
  readonly help: string;
}

type Choice =
  | { readonly kind: "command"; readonly load: () => Promise<AnyCommand>; readonly rest: readonly string[] }
  /** Help on everything (`""`) or on a group. */
  | { readonly kind: "overview"; readonly group: string }
  | WrongUsage;

/**
 * Runs one command line (cli.md §1).
 * @param words what was typed after `cara`
 * @returns the exit code; faults are caught here and told in one sentence.
 */
export async function runCli(words: readonly string[], world: CliWorld): Promise<ExitCode> {
  try {
    return await runChoice(choose(words), world);
  } catch (fault) {
    return world.out.fail(faultSentence(fault));
  }
}

async function runChoice(choice: Choice, world: CliWorld): Promise<ExitCode> {
  switch (choice.kind) {
    case "command":
      return await runCommand(await choice.load(), choice.rest, world);
    case "overview": {
      const { overviewText } = await import("./command/overview.ts");
      world.out.result(await overviewText(choice.group, helpColumns(world.out.columns())));
      return 0;
    }
    case "wrong":
      world.out.note(
        `Error: ${choice.say}\n\nUsage: ${choice.usage}\nFor all ${choice.about}: ${choice.help}`,
      );
      return 2;
  }
}

/** Pure. No word, or a flag first, is the command `start`. */
function choose(words: readonly string[]): Choice {
  const first = words[0];
  if (first === "-h" || first === "--help") return { kind: "overview", group: "" };
  const isStart = first === undefined || first.startsWith("-");
  const load = commandNamed(isStart ? "start" : first);
  if (load !== undefined) return { kind: "command", load, rest: isStart ? words : words.slice(1) };
  if (first !== undefined && Object.hasOwn(groups, first)) return chooseInGroup(first, words.slice(1));
  return unknownCommand(first ?? "", topWords(), "");
}

function chooseInGroup(group: string, words: readonly string[]): Choice {
  const second = words[0];
  if (second === "-h" || second === "--help") return { kind: "overview", group };
  if (second === undefined) {
    return wrong(`cara ${group} needs a command: ${membersOf(group).join(", ")}`, group);
  }
  const load = commandNamed(`${group} ${second}`);
  if (load !== undefined) return { kind: "command", load, rest: words.slice(1) };
  return unknownCommand(second, membersOf(group), group);
}

function commandNamed(name: string): (() => Promise<AnyCommand>) | undefined {
  return Object.hasOwn(commands, name) ? commands[name] : undefined;
}

function unknownCommand(word: string, known: readonly string[], group: string): Choice {
  if (word.startsWith("-")) return wrong(`unknown option ${word}`, group);
  const near = closest(word, known);
  return wrong(`unknown command "${word}"${near === undefined ? "" : ` (did you mean ${near}?)`}`, group);
}

function wrong(say: string, group: string): WrongUsage {
  const start = group === "" ? "cara" : `cara ${group}`;
  return {
    kind: "wrong",
    say,
    usage: `${start} <command> [options]`,
    about: "commands",
    help: `${start} --help`,
  };
}

/** The first words there are. */
function topWords(): readonly string[] {
  return [...new Set(Object.keys(commands).map((name) => name.split(" ")[0] ?? name))];
}

function membersOf(group: string): readonly string[] {
  const start = `${group} `;
  return Object.keys(commands).flatMap((name) => (name.startsWith(start) ? [name.slice(start.length)] : []));
}

async function runCommand(chosen: AnyCommand, rest: readonly string[], world: CliWorld): Promise<ExitCode> {
  const { definition } = chosen;
  const parsed = parseCommand(definition, rest);
  switch (parsed.kind) {
    case "help":
      world.out.result(commandHelp(definition, helpColumns(world.out.columns())));
      return 0;
    case "wrong": {
      const help = `cara ${definition.name} --help`;
      return await runChoice({ ...parsed, usage: usageLine(definition), about: "options", help }, world);
    }
    case "run":
      // The parser made these values from the command's own definition: their types are the ones `run` asks for.
      return await chosen.run({ options: parsed.options as never, args: parsed.args as never, world });
  }
}

/** One sentence for a fault nobody expected: never a stack, which helps no owner. */
function faultSentence(fault: unknown): string {
  const message = fault instanceof Error ? fault.message : String(fault);
  return message.split("\n")[0]?.trim() || "something failed without saying why";
}
