// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { readSource, type SourceHome, sourceHome } from "../../../testing/source-home.ts";
import { aider } from "./aider.ts";

const read = ({ home, cwd }: SourceHome, at = cwd) => readSource(aider, { home, cwd: at });

test("a flat file with keys and a model", () => {
  using source = sourceHome({
    ".aider.conf.yml":
      "# mine\r\nopenai-api-key: sk-o\r\nanthropic-api-key: 'sk-ant'\r\nmodel: anthropic/claude-sonnet-4-6 # c\r\n" +
      "auto-commits: false\r\ndark-mode: true\r\nmap-tokens: 1024\r\nlint-cmd: 'sh lint'\r\n",
  });
  const { values, reasons } = read(source);
  expect(values).toEqual({
    "openai.apiKey": "sk-o",
    "anthropic.apiKey": "sk-ant",
    "agents.defaults.model": "anthropic:claude-sonnet-4-6",
  });
  expect(Object.keys(reasons)).toEqual(
    ["auto-commits", "lint-cmd", "dark-mode", "map-tokens"].map((path) => `~/.aider.conf.yml ${path}`),
  );
});

test.each([
  ["api-key:\n- gemini=AIza\n- openrouter=or\n- anthropic=sk-ant==", ["AIza", "sk-ant=="]],
  ["api-key: [gemini=AIza, deepseek=x]", ["AIza", undefined]],
  ["api-key: gemini=AIza", ["AIza", undefined]],
])("keys of any provider in a list: %p", (text, keys) => {
  using source = sourceHome({ ".aider.conf.yml": text });
  const { values, skips } = read(source);
  expect([values["google.apiKey"], values["anthropic.apiKey"]]).toEqual(keys);
  expect(JSON.stringify(skips)).not.toContain("=");
});

test("a .env file, with names of both kinds and variables in values", () => {
  using source = sourceHome({
    "work/.env":
      "AIDER_OPENAI_API_KEY=sk-first\nOPENAI_API_KEY=sk-second\nBASE=ant\nANTHROPIC_API_KEY=sk-${BASE}\n" +
      'GEMINI_API_KEY="AIza"\nAIDER_MODEL=o3\nDATABASE_URL=postgres://secret@x\nVENICE_API_KEY=${HOME}',
  });
  const { values, skips } = read(source);
  expect(values).toEqual({
    "openai.apiKey": "sk-first",
    "anthropic.apiKey": "sk-ant",
    "google.apiKey": "AIza",
    "agents.defaults.model": "openai:o3",
  });
  expect(skips).toEqual([
    { path: "./.env OPENAI_API_KEY", reason: "./.env AIDER_OPENAI_API_KEY counts before it" },
  ]);
});

test("the nearest of three folders counts: this one, the repository's root, home", () => {
  using source = sourceHome({
    "work/sub/.aider.conf.yml": "model: gpt-5.2",
    "work/.aider.conf.yml": "model: o3\nopenai-api-key: root",
    ".aider.conf.yml": "openai-api-key: home\nanthropic-api-key: home",
    ".env": "GEMINI_API_KEY=home",
  });
  mkdirSync(source.file("work/.git"));
  expect(read(source, source.file("work/sub")).values).toEqual({
    "agents.defaults.model": "openai:gpt-5.2",
    "openai.apiKey": "root",
    "anthropic.apiKey": "home",
    "google.apiKey": "home",
  });
});

test.each([
  ["bedrock/anthropic.claude-x-v1:0", "bedrock:anthropic.claude-x-v1:0"],
  ["vertex_ai/gemini-3", "vertex:gemini-3"],
  ["ollama/qwen3:8b", "ollama:qwen3:8b"],
  ["ollama_chat/qwen3:8b", "ollama:qwen3:8b"],
  ["gemini/gemini-3-flash", "gemini:gemini-3-flash"],
  ["gpt-4o", "openai:gpt-4o"],
  ["sonnet", undefined],
  ["openrouter/anthropic/claude-x", undefined],
])("the model %p is %p", (model, ours) => {
  using source = sourceHome({ ".aider.conf.yml": `model: ${model}` });
  expect(read(source).values["agents.defaults.model"]).toBe(ours);
});

test("addresses come from home only, and links of this folder are not followed", () => {
  using source = sourceHome({
    ".env": "OLLAMA_API_BASE=http://127.0.0.1:11434\nOPENAI_API_BASE=https://proxy.example.com/v1",
    "work/.aider.conf.yml": "openai-api-base: https://evil.example/v1",
  });
  const { values, reasons } = read(source);
  expect(values).toEqual({
    "providers.ollama.baseUrl": "http://127.0.0.1:11434",
    "openai.baseUrl": "https://proxy.example.com/v1",
  });
  expect(reasons["./.aider.conf.yml openai-api-base"]).toContain("not taken from a file of this folder");
  using linked = sourceHome({ "other/.env": "OPENAI_API_KEY=sk" });
  symlinkSync(linked.file("other/.env"), linked.file("work/.env"));
  expect(read(linked)).toMatchObject({ values: {}, warnings: [expect.stringContaining("symbolic link")] });
});

test("a variable counts for the files of its own owner: a repository neither draws one from home nor sets one there", () => {
  using source = sourceHome({
    ".env": "DB_PASSWORD=hunter22\nOPENAI_API_BASE=https://${PROXY}/v1",
    "work/.env": "PROXY=collector.example\nAIDER_MODEL=openai/${DB_PASSWORD}",
  });
  const { values, skips, reasons } = read(source);
  expect(values).toEqual({});
  expect(reasons["~/.env OPENAI_API_BASE"]).toContain("refers to the variable PROXY");
  expect(JSON.stringify(skips)).not.toContain("hunter22");
});

test.each([
  ["broken", "model: [", "not valid YAML"],
  ["a list", "- a\n- b", "does not hold an object"],
  ["two documents", "---\nmodel: o3\n---\nmodel: o4", "does not hold an object"],
  ["not UTF-8", new Uint8Array([0x61, 0x3a, 0xff]), "not UTF-8"],
  ["huge", `a: "${"x".repeat(1_100_000)}"`, "larger"],
  ["deep", "[".repeat(50_000), "nested"],
  [
    "made of aliases",
    `a: &a [x]\n${Array.from({ length: 12 }, (_, n) => `${"bcdefghijklm"[n]}: &${"bcdefghijklm"[n]} [${`*${"abcdefghijkl"[n]},`.repeat(9)}]`).join("\n")}`,
    "",
  ],
] as const)("a file that is %s is a warning", (_what, content, warning) => {
  using source = sourceHome({ ".aider.conf.yml": content, ".env": "OPENAI_API_KEY=sk" });
  const { values, warnings } = read(source);
  expect([values, warnings]).toEqual([{ "openai.apiKey": "sk" }, [expect.stringContaining(warning)]]);
});

test("wrong types and hostile names are left out", () => {
  using source = sourceHome({
    ".aider.conf.yml":
      '__proto__: {model: o3}\nopenai-api-key: 12\nanthropic-api-key: {a: 1}\nmodel: "o3\\e[2J"\napi-key: {gemini: x}',
  });
  const { values, reasons } = read(source);
  expect(values).toEqual({});
  expect(Object.keys(reasons)).toEqual([
    "~/.aider.conf.yml openai-api-key",
    "~/.aider.conf.yml anthropic-api-key",
    "~/.aider.conf.yml model",
    "~/.aider.conf.yml __proto__",
  ]);
});
