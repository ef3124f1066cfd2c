// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a placeholder of the configuration is shown
import { defaultPort } from "@carapace/config/default-port";
import type { CommandDefinition, ExitCode, Run } from "../command/definition.ts";
import { jsonOption } from "../command/options.ts";

export const definition = {
  name: "setup",
  summary: "Set up a model and what the assistant is for",
  details: [
    "Asks what it needs, checks it and writes the configuration at the very end. Without a terminal, with --yes or --json\n" +
      "it asks nothing: flags say what is wanted, and secrets come from the environment only, where the configuration then\n" +
      "refers to them (${ANTHROPIC_API_KEY} and so on).",
    "--provider offline skips the model: the built-in assistant answers, which is no language model.\n" +
      "An existing configuration is changed with --merge or replaced with --force, or you are asked which; the old one is\n" +
      "kept as <file>.bak. --merge makes the chosen provider's section anew, and keeps who can reach the gateway.",
  ],
  options: {
    provider: {
      kind: "text",
      value: "name",
      offers: [
        ...["anthropic", "codex", "openai", "ollama", "gemini", "vertex", "nearai", "venice", "bedrock"],
        ...["claude-cli", "offline"],
      ],
      help: "anthropic, codex, openai, ollama, gemini, vertex, nearai, venice, bedrock, claude-cli or offline",
    },
    authMode: {
      kind: "choice",
      choices: ["oauth", "api-key", "setup-token"],
      help: "How to sign in: for anthropic and gemini",
    },
    model: { kind: "text", value: "model", help: "For example anthropic:claude-sonnet-4-6" },
    outcome: {
      kind: "text",
      value: "outcome",
      offers: ["local-chat", "discord", "telegram", "matrix", "hooks"],
      help: "local-chat (default), discord, telegram, matrix or hooks",
    },
    bind: {
      kind: "choice",
      choices: ["loopback", "lan"],
      help: "Who can reach the gateway (default: loopback)",
    },
    port: {
      kind: "whole",
      short: "p",
      value: "port",
      min: 1,
      max: 65535,
      help: `Port of the gateway (default: ${defaultPort})`,
    },
    verify: { kind: "flag", help: "Prove the outcome at the end; that decides the exit code" },
    verifyTo: { kind: "text", value: "id", help: "With --verify: who gets a real message over the channel" },
    skipLiveCheck: { kind: "flag", help: "Do not ask the provider whether the key works" },
    merge: {
      kind: "flag",
      help: "Change the model and what it is for in the configuration there is, and keep the rest",
    },
    force: { kind: "flag", help: "Replace the configuration there is" },
    yes: { kind: "flag", short: "y", help: "Ask nothing, also in a terminal" },
    json: jsonOption,
  },
  examples: [
    { command: "cara setup", says: "be asked" },
    { command: "cara setup --provider offline --verify", says: "without a model, proven" },
    {
      command: "cara setup --provider anthropic --model claude-sonnet-4-6 --yes",
      says: "with ANTHROPIC_API_KEY set",
    },
    {
      command: "cara setup --provider ollama --model qwen3 --outcome telegram --yes",
      says: "with TELEGRAM_BOT_TOKEN set",
    },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.10. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { runSetup } = await import("../setup/run.ts");
  return await runSetup(options, world);
}
