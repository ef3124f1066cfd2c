import type { CommandDefinition, ExitCode, Run } from "../command/definition.ts";
import { overviewText } from "../command/overview.ts";
import { closest } from "../command/suggest.ts";
import { commandHelp } from "../command/usage.ts";
import { helpColumns } from "../command/wrap.ts";
import { commands, groups } from "./index.ts";

export const definition = {
  name: "help",
  summary: "Explain cara or one of its commands",
  args: { command: { help: "The command to explain", isRequired: false, isRest: true } },
  options: {},
  examples: [
    { command: "cara help", says: "all commands" },
    { command: "cara help config get", says: "one of them" },
  ],
} as const satisfies CommandDefinition;

export async function run({ args, world }: Run<typeof definition>): Promise<ExitCode> {
  const name = args.command ?? "";
  const columns = helpColumns(world.out.columns());
  if (name === "" || Object.hasOwn(groups, name)) {
    world.out.result(await overviewText(name, columns));
    return 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    const near = closest(name, [...Object.keys(commands), ...Object.keys(groups)]);
    const meant = near === undefined ? "" : ` (did you mean ${near}?)`;
    world.out.note(`Error: unknown command "${name}"${meant}\n\nFor all commands: cara --help`);
    return 2;
  }
  world.out.result(commandHelp((await load()).definition, columns));
  return 0;
}
