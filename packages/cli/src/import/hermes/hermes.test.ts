// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { readSource, type SourceHome, sourceHome } from "../../../testing/source-home.ts";
import { hermes } from "./hermes.ts";

const config = ".hermes/config.yaml";
const dotenv = ".hermes/.env";

const read = (at: SourceHome, env?: Record<string, string>) => readSource(hermes, at, env);

const of = (yaml: string, variables = "") => {
  using source = sourceHome({ [config]: yaml, [dotenv]: variables });
  return read(source);
};

test("Anthropic directly, with channels, as its setup leaves it", () => {
  using source = sourceHome({
    [config]: `_config_version: 50
model:
  default: "anthropic/claude-opus-4.6"
  provider: "anthropic"
  base_url: "https://openrouter.ai/api/v1"
terminal:
  backend: local
memory: {}
mcp_servers:
  time: {command: uvx}
discord:
  require_mention: true
`,
    [dotenv]:
      "ANTHROPIC_API_KEY=sk-ant\nTELEGRAM_BOT_TOKEN=1:a\nTELEGRAM_ALLOWED_USERS=42\nDISCORD_BOT_TOKEN=disc\n" +
      "SLACK_BOT_TOKEN=xoxb\nSLACK_APP_TOKEN=xapp\nEXA_API_KEY=exa\nTERMINAL_TIMEOUT=60\n",
    ".hermes/auth.json": {},
    ".hermes/state.db": "",
  });
  const { values, reasons } = read(source);
  expect(values).toEqual({
    "agents.defaults.model": "anthropic:claude-opus-4-6",
    "anthropic.apiKey": "sk-ant",
    "telegram.botToken": "1:a",
    "discord.botToken": "disc",
    "slack.botToken": "xoxb",
  });
  expect(Object.keys(reasons)).toEqual([
    "config.yaml mcp_servers",
    "config.yaml terminal",
    "config.yaml discord",
    ".env TELEGRAM_ALLOWED_USERS",
    ".env SLACK_APP_TOKEN",
    ".env EXA_API_KEY",
    "auth.json",
    "state.db",
  ]);
});

test("a local Ollama as a custom server", () => {
  const { values } = of(
    "model:\n  provider: custom\n  base_url: http://localhost:11434/v1\n  default: hermes3:8b\n",
  );
  expect(values).toEqual({
    "providers.ollama.baseUrl": "http://localhost:11434/v1",
    "agents.defaults.model": "ollama:hermes3:8b",
  });
});

test("another server that speaks OpenAI's protocol, with a key from its own .env", () => {
  const yaml =
    "model:\n  provider: custom\n  base_url: https://llm.example.com/v1\n  model: qwen/qwen3\n  api_key: ${env:MY_KEY}\n";
  expect(of(yaml, "MY_KEY=k\nOPENAI_API_KEY=other").values).toEqual({
    "openai.baseUrl": "https://llm.example.com/v1",
    "openai.apiKey": "k",
    "agents.defaults.model": "openai:qwen/qwen3",
  });
});

test.each([
  ["model: anthropic/claude-opus-4.6", "", "anthropic:claude-opus-4-6"],
  ["model: gpt-5.2", "OPENAI_API_KEY=k", "openai:gpt-5.2"],
  ["model: {default: google/gemini-3-flash, provider: gemini}", "", "gemini:gemini-3-flash"],
  ["model: {default: gemini-3-flash, provider: auto}", "GOOGLE_API_KEY=k", "gemini:gemini-3-flash"],
  ["model: {default: anthropic/claude-opus-4.6, provider: auto}", "OPENROUTER_API_KEY=k", undefined],
  ["model: {default: anthropic/claude-opus-4.6, provider: openrouter}", "", undefined],
  ["model: {default: hermes-4-405b, provider: nous}", "", undefined],
  ["model: {default: x, provider: constructor}", "", undefined],
  ["model: {default: 5, provider: anthropic}", "", undefined],
  ["model:", "", undefined],
  ["{}", "", undefined],
])("%p with %p is %p", (yaml, variables, model) => {
  expect(of(yaml, variables).values["agents.defaults.model"]).toBe(model);
});

test("without a configuration the variables are read, elsewhere too", () => {
  using source = sourceHome({ "own/.env": "export GEMINI_API_KEY='AIza' # mine\n" });
  expect(read(source).files).toEqual([]);
  expect(read(source, { HERMES_HOME: source.file("own") }).values).toEqual({ "google.apiKey": "AIza" });
});

test.each([
  ["broken", "model: [", "not valid YAML"],
  ["a list", "- a", "does not hold an object"],
  ["not UTF-8", new Uint8Array([0x61, 0x3a, 0xff]), "not UTF-8"],
  ["huge", `a: "${"x".repeat(1_100_000)}"`, "larger"],
  ["deep", "- ".repeat(50_000), "nested"],
] as const)("a file that is %s is a warning, and .env counts", (_what, content, warning) => {
  using source = sourceHome({ [config]: content, [dotenv]: "OPENAI_API_KEY=sk" });
  const { values, warnings } = read(source);
  expect([values, warnings]).toEqual([{ "openai.apiKey": "sk" }, [expect.stringContaining(warning)]]);
});

test("hostile values and names are left out", () => {
  const { values, skips } = of(
    '__proto__: {a: 1}\nmodel: {provider: custom, base_url: "https://u:p@x.example", default: "x\\e[2J", api_key: "${AWS_SECRET_ACCESS_KEY}"}',
    "TELEGRAM_BOT_TOKEN=1:a\u001b[2J\nOPENAI_BASE_URL=file:///etc/passwd",
  );
  expect(values).toEqual({});
  expect(skips.map(({ path }) => path)).toEqual([
    "config.yaml model.api_key",
    "config.yaml model.base_url",
    "config.yaml model.default",
    ".env TELEGRAM_BOT_TOKEN",
    ".env OPENAI_BASE_URL",
    "config.yaml __proto__",
  ]);
  expect(JSON.stringify(skips)).not.toContain("\\u001b");
});

test("pipes are not waited for, links of one's own are followed", () => {
  using source = sourceHome({ "dotfiles/env": "OPENAI_API_KEY=sk", ".hermes/x": "" });
  execFileSync("mkfifo", [source.file(config)]);
  symlinkSync(source.file("dotfiles/env"), source.file(dotenv));
  expect(read(source)).toMatchObject({
    values: { "openai.apiKey": "sk" },
    warnings: [expect.stringContaining("not a regular file")],
  });
});
