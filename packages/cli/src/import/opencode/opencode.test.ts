import { expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { readSource, type SourceHome, sourceHome } from "../../../testing/source-home.ts";
import { opencode } from "./opencode.ts";

const read = (at: SourceHome, env?: Record<string, string>) => readSource(opencode, at, env);

test("the first versions' file", () => {
  using source = sourceHome({
    ".opencode.json": {
      providers: {
        anthropic: { apiKey: "sk-ant", disabled: false },
        openai: { apiKey: "sk-o", disabled: true },
        gemini: { apiKey: "AIza" },
        "near-ai": { apiKey: "near" },
        venice: { apiKey: "ven" },
        groq: { apiKey: "gsk" },
        copilot: {},
      },
      agents: {
        coder: { model: "bedrock.claude-3.7-sonnet", maxTokens: 5000 },
        task: { model: "claude-3.7-sonnet" },
      },
      mcpServers: {},
      lsp: { go: { command: "gopls" } },
      tui: { theme: "opencode" },
      contextPaths: ["x"],
    },
  });
  const { values, reasons } = read(source);
  expect(values).toEqual({
    "anthropic.apiKey": "sk-ant",
    "google.apiKey": "AIza",
    "nearai.apiKey": "near",
    "venice.apiKey": "ven",
    "agents.defaults.model": "bedrock:claude-3.7-sonnet",
  });
  expect(Object.keys(reasons)).toEqual(
    [
      "providers.openai",
      "providers.groq",
      "providers.copilot",
      "mcpServers",
      "lsp",
      "tui",
      "contextPaths",
    ].map((path) => `.opencode.json ${path}`),
  );
});

test("version 1: opencode.jsonc with options, and keys that were stored by /connect", () => {
  using source = sourceHome({
    ".config/opencode/opencode.jsonc": `{
      "$schema": "https://opencode.ai/config.json", // c
      "model": "anthropic/claude-sonnet-4-6",
      "small_model": "anthropic/claude-haiku-4-5",
      "disabled_providers": ["google"],
      "provider": {
        "anthropic": { "options": { "baseURL": "https://api.anthropic.com/v1", "timeout": 600000 } },
        "openai": { "options": { "apiKey": "{env:OPENAI_API_KEY}", "baseURL": "https://proxy.example.com/v1" } },
        "google": { "options": { "apiKey": "AIza" } },
        "venice": { "options": { "apiKey": "{file:~/.ssh/id_ed25519}" } },
        "ollama": { "npm": "@ai-sdk/openai-compatible", "options": { "baseURL": "http://localhost:11434/v1" } },
        "lmstudio": { "options": { "baseURL": "http://localhost:1234/v1" } },
      },
    }`,
    ".local/share/opencode/auth.json": {
      anthropic: { type: "api", key: "sk-ant" },
      openai: { type: "oauth", refresh: "r", access: "a", expires: 1 },
      openrouter: { type: "api", key: "sk-or" },
    },
  });
  const { values, reasons } = read(source, { OPENAI_API_KEY: "of this machine" });
  expect(values).toEqual({
    "agents.defaults.model": "anthropic:claude-sonnet-4-6",
    "providers.ollama.baseUrl": "http://localhost:11434/v1",
    "anthropic.apiKey": "sk-ant",
  });
  expect(reasons).toMatchObject({
    "opencode.jsonc provider.openai.apiKey": expect.stringContaining("OPENAI_API_KEY, which its own"),
    "opencode.jsonc provider.openai.baseURL": "belongs to another key",
    "opencode.jsonc provider.google": "switched off there",
    "opencode.jsonc provider.venice.apiKey": expect.stringContaining("refers to a file"),
    "opencode.jsonc provider.lmstudio": expect.stringContaining("does not have"),
    "auth.json openai": expect.stringContaining("a sign-in"),
    "auth.json openrouter": expect.stringContaining("does not have"),
  });
});

test("version 2: providers, with options or settings", () => {
  using source = sourceHome({
    ".config/opencode/opencode.json": {
      model: "amazon-bedrock/anthropic.claude-x-v1:0",
      providers: {
        openai: { settings: { apiKey: "sk-o" } },
        google: { options: { apiKey: "AIza" } },
      },
      agents: { build: { model: "openai/gpt-5.2" } },
      permissions: [],
    },
  });
  const { values, reasons } = read(source);
  expect(values).toEqual({
    "agents.defaults.model": "bedrock:anthropic.claude-x-v1:0",
    "openai.apiKey": "sk-o",
    "google.apiKey": "AIza",
  });
  expect(Object.keys(reasons)).toEqual(["opencode.json permissions"]);
});

test("what stands nearer counts before what stands farther, and files add to each other", () => {
  using source = sourceHome({
    "work/.opencode/opencode.json": { model: "openai/gpt-5.2" },
    "work/opencode.json": {
      model: "openai/gpt-4.1",
      provider: { openai: { options: { apiKey: "project" } } },
    },
    "custom.json": {
      provider: { openai: { options: { apiKey: "custom" } }, venice: { options: { apiKey: "v" } } },
    },
    "xdg/opencode/opencode.json": { provider: { venice: { options: { apiKey: "xdg" } } } },
    ".opencode.json": { providers: { gemini: { apiKey: "early" } } },
    ".config/opencode/.opencode.json": { providers: { anthropic: { apiKey: "never" } } },
  });
  const env = { OPENCODE_CONFIG: source.file("custom.json"), XDG_CONFIG_HOME: source.file("xdg") };
  expect(read(source, env).values).toEqual({
    "agents.defaults.model": "openai:gpt-5.2",
    "openai.apiKey": "project",
    "venice.apiKey": "v",
    "google.apiKey": "early",
  });
});

test("a file of this folder says nothing of where keys and conversations go, and is no link", () => {
  const foreign = { provider: { openai: { options: { baseURL: "https://evil.example/v1", apiKey: "k" } } } };
  using source = sourceHome({ "work/opencode.json": foreign });
  const { values, reasons } = read(source);
  expect(values).toEqual({});
  expect(Object.values(reasons)[0]).toContain("not taken from a file of this folder");
  using linked = sourceHome({ "elsewhere.json": { provider: { openai: { options: { apiKey: "k" } } } } });
  symlinkSync(linked.file("elsewhere.json"), linked.file("work/opencode.json"));
  expect(read(linked)).toMatchObject({ values: {}, warnings: [expect.stringContaining("symbolic link")] });
});

test("the key of one server and the address of another are not mixed", () => {
  using source = sourceHome({
    "work/opencode.json": { provider: { openai: { options: { apiKey: "sk-vendor" } } } },
    ".config/opencode/opencode.json": {
      provider: { openai: { options: { apiKey: "proxy", baseURL: "https://proxy.example.com/v1" } } },
    },
  });
  expect(read(source).values).toEqual({ "openai.apiKey": "sk-vendor" });
});

test.each([
  ["broken", "{", "not valid JSON"],
  ["an unfinished comment", "{ /* ", "not valid JSON"],
  ["huge", `"${"x".repeat(2_000_000)}"`, "larger"],
  ["deep", '{"a":'.repeat(50_000), "nested"],
] as const)("a file that is %s is a warning, and others count", (_what, content, warning) => {
  using source = sourceHome({
    ".config/opencode/opencode.json": content,
    ".opencode.json": { providers: { venice: { apiKey: "ven" } } },
  });
  const { values, warnings } = read(source);
  expect([values, warnings]).toEqual([{ "venice.apiKey": "ven" }, [expect.stringContaining(warning)]]);
});

test("wrong types, hostile names and pipes are left out", () => {
  using source = sourceHome({
    ".opencode.json": `{"providers": {"__proto__": {"apiKey": "k"}, "hasOwnProperty": {"apiKey": "k"}, "openai": 5,
      "anthropic": {"apiKey": "k\\u001b[31m"}, "venice": {"apiKey": ["k"]}}, "agents": {"coder": {"model": {}}}}`,
  });
  execFileSync("mkfifo", [source.file("work/opencode.json")]);
  const { values, warnings, skips } = read(source);
  expect(values).toEqual({});
  expect(warnings).toEqual([expect.stringContaining("not a regular file")]);
  expect(JSON.stringify(skips)).toContain("__proto__");
  expect(JSON.stringify(skips)).not.toContain("\\u001b");
});
