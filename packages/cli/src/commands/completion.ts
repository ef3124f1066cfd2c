import type { CommandDefinition, ExitCode, Run } from "../command/definition.ts";
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { type CompletionModel, completionModel } from "../completion/model.ts";
import { zshCompletion } from "../completion/zsh.ts";
import { allDefinitions, groups } from "./index.ts";

export const definition = {
  name: "completion",
  summary: "Print a script that completes cara's words in your shell",
  args: { shell: { help: "bash, zsh or fish", isRequired: true, choices: ["bash", "zsh", "fish"] } },
  options: {},
  examples: [
    { command: "source <(cara completion bash)", says: "in ~/.bashrc" },
    { command: "source <(cara completion zsh)", says: "in ~/.zshrc, after compinit" },
    { command: "cara completion fish | source", says: "in ~/.config/fish/config.fish" },
  ],
} as const satisfies CommandDefinition;

const scripts: Readonly<Record<string, (model: CompletionModel) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

export async function run({ args, world }: Run<typeof definition>): Promise<ExitCode> {
  const script = scripts[args.shell];
  if (script === undefined) return world.out.fail(`there is no completion for ${args.shell}`);
  world.out.result(script(completionModel(await allDefinitions(), groups)));
  return 0;
}
