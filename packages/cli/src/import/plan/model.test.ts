// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import { commonPrefixes, modelFrom } from "./model.ts";

test.each([
  ["anthropic/claude-opus-4-6", "anthropic:claude-opus-4-6"],
  ["OpenAI/gpt-5.2", "openai:gpt-5.2"],
  ["bedrock/anthropic.claude-x-v1:0", "bedrock:anthropic.claude-x-v1:0"],
  ["vertex/gemini-3", "vertex:gemini-3"],
  ["ollama/qwen3:8b", "ollama:qwen3:8b"],
  ["codex/default", "codex:default"],
  ["venice/llama-3.3-70b", "venice:llama-3.3-70b"],
  ["claude-cli/opus", "claude-cli:opus"],
  ["gemini/gemini-3-flash", "gemini:gemini-3-flash"],
  ["google/gemini-3-flash", "gemini:gemini-3-flash"],
  ["nearai/deepseek-ai/DeepSeek-V3.1", "nearai:deepseek-ai/DeepSeek-V3.1"],
  ["near-ai/x", "nearai:x"],
  ["near/x", "nearai:x"],
  ["models/gemini-3-flash", "gemini:gemini-3-flash"],
  ["claude-sonnet-4-6", "anthropic:claude-sonnet-4-6"],
  ["claude-cli", "claude-cli:default"],
  ["gpt-5.2", "openai:gpt-5.2"],
  ["chatgpt-4o-latest", "openai:chatgpt-4o-latest"],
  ["o3", "openai:o3"],
  ["o4-mini", "openai:o4-mini"],
  ["gemini-3-flash", "gemini:gemini-3-flash"],
  ["anthropic.claude-3-v1:0", "bedrock:anthropic.claude-3-v1:0"],
  ["amazon.titan-text", "bedrock:amazon.titan-text"],
  [" anthropic:claude-x ", "anthropic:claude-x"],
])("%p becomes %p", (given, model) => {
  expect(modelFrom(given)).toEqual({ ok: true, value: model });
});

test.each([
  "openrouter/anthropic/claude-x",
  "zai/glm-5",
  "sonnet",
  "o33",
  "models/other",
  "anthropic/",
  "x:y",
])("%p names no provider of this program", (given) => {
  expect(modelFrom(given)).toMatchObject({ ok: false, say: expect.stringContaining("no provider") });
});

test.each(["", "a b", "claude-\u001b[2J", "claude-\u202ex", "gpt-${HOME}", `gpt-${"x".repeat(300)}`])(
  "%p is no name of a model",
  (given) => {
    expect(modelFrom(given)).toMatchObject({ ok: false, say: "is no name of a model" });
  },
);

test("a source may know other prefixes", () => {
  const { models: _models, ...fewer } = commonPrefixes;
  expect(modelFrom("models/gemini-3", fewer).ok).toBe(false);
  expect(modelFrom("vertex_ai/gemini-3", { ...fewer, vertex_ai: "vertex" })).toEqual({
    ok: true,
    value: "vertex:gemini-3",
  });
  expect(modelFrom("constructor/x").ok).toBe(false);
});
