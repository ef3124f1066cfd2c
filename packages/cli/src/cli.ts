import type { AnyCommand, ExitCode } from "./command/definition.ts";
import { parseCommand } from "./command/parse.ts";
import { closest } from "./command/suggest.ts";
import { commandHelp, usageLine } from "./command/usage.ts";
import { commands, groups } from "./commands/index.ts";
import type { CliWorld } from "./world.ts";

type Choice =
  | { readonly kind: "command"; readonly load: () => Promise<AnyCommand>; readonly rest: readonly string[] }
  /** Help on everything (`""`) or on a group. */
  | { readonly kind: "overview"; readonly group: string }
  | { readonly kind: "wrong"; readonly say: string; readonly usage: string };

/**
 * Runs one command line (cli.md §1).
 * @param words what was typed after `cara`
 * @returns the exit code; faults are caught here and told in one sentence.
 */
export async function runCli(words: readonly string[], world: CliWorld): Promise<ExitCode> {
  try {
    const choice = choose(words);
    switch (choice.kind) {
      case "command":
        return await runCommand(await choice.load(), choice.rest, world);
      case "overview": {
        const { overviewText } = await import("./command/overview.ts");
        world.out.result(await overviewText(choice.group));
        return 0;
      }
      case "wrong":
        return wrongUsage(world, choice.say, choice.usage, "cara --help");
    }
  } catch (fault) {
    return world.out.fail(faultSentence(fault));
  }
}

/** Pure. No word, or a flag first, is the command `start`. */
function choose(words: readonly string[]): Choice {
  const first = words[0];
  if (first === "-h" || first === "--help") return { kind: "overview", group: "" };
  if (first === undefined || first.startsWith("-")) return command("start", words);
  if (commands[first] !== undefined) return command(first, words.slice(1));
  if (groups[first] !== undefined) return chooseInGroup(first, words.slice(1));
  return unknownCommand(first, topWords(), "cara <command> [options]");
}

function chooseInGroup(group: string, words: readonly string[]): Choice {
  const usage = `cara ${group} <command> [options]`;
  const second = words[0];
  if (second === "-h" || second === "--help") return { kind: "overview", group };
  if (second === undefined)
    return { kind: "wrong", say: `cara ${group} needs a command: ${membersOf(group).join(", ")}`, usage };
  if (commands[`${group} ${second}`] !== undefined) return command(`${group} ${second}`, words.slice(1));
  return unknownCommand(second, membersOf(group), usage);
}

function command(name: string, rest: readonly string[]): Choice {
  const load = commands[name];
  return load === undefined
    ? unknownCommand(name, topWords(), "cara <command> [options]")
    : { kind: "command", load, rest };
}

function unknownCommand(word: string, known: readonly string[], usage: string): Choice {
  const near = closest(word, known);
  const hint = near === undefined ? "" : ` (did you mean ${near}?)`;
  return { kind: "wrong", say: `unknown command "${word}"${hint}`, usage };
}

/** The first words there are. */
function topWords(): readonly string[] {
  return [...new Set(Object.keys(commands).map((name) => name.split(" ")[0] ?? name))];
}

function membersOf(group: string): readonly string[] {
  return Object.keys(commands)
    .filter((name) => name.startsWith(`${group} `))
    .map((name) => name.slice(group.length + 1));
}

async function runCommand(chosen: AnyCommand, rest: readonly string[], world: CliWorld): Promise<ExitCode> {
  const parsed = parseCommand(chosen.definition, rest);
  switch (parsed.kind) {
    case "help":
      world.out.result(commandHelp(chosen.definition));
      return 0;
    case "wrong":
      return wrongUsage(
        world,
        parsed.say,
        usageLine(chosen.definition),
        `cara ${chosen.definition.name} --help`,
      );
    case "run":
      // The parser made these values from the command's own definition: their types are the ones `run` asks for.
      return await chosen.run({ options: parsed.options as never, args: parsed.args as never, world });
  }
}

function wrongUsage(world: CliWorld, say: string, usage: string, help: string): 2 {
  world.out.note(`Error: ${say}\n\nUsage: ${usage}\nFor all options: ${help}`);
  return 2;
}

/** One sentence for a fault nobody expected: never a stack, which helps no owner. */
function faultSentence(fault: unknown): string {
  const message = fault instanceof Error ? fault.message : String(fault);
  return message.split("\n")[0]?.trim() || "something failed without saying why";
}
