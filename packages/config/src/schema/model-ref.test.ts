import { expect, test } from "bun:test";
import { parseModelRef } from "./model-ref.ts";

test.each([
  ["openai:gpt-5", "openai", "gpt-5"],
  [" Anthropic:claude-x ", "anthropic", "claude-x"],
  ["ollama:qwen3-coder:30b", "ollama", "qwen3-coder:30b"],
  ["nearai:org/model", "nearai", "org/model"],
  ["claude-cli:default", "claude-cli", "default"],
  ["offline:basic", "offline", "basic"],
] as const)("%p is %s and %s", (text, provider, model) => {
  expect(parseModelRef(text)).toEqual({ ok: true, value: { provider, model } });
});

test("an empty text is a missing model", () => {
  expect(parseModelRef("  ")).toMatchObject({ ok: false, code: "missing_model" });
});

test.each([
  ["claude-sonnet", "anthropic:claude-sonnet"],
  ["gpt-5", "openai:gpt-5"],
  ["o3", "openai:o3"],
  ["o4-mini", "openai:o4-mini"],
  ["chatgpt-x", "openai:chatgpt-x"],
  ["gemini-3", "gemini:gemini-3"],
  ["models/gemini-3", "gemini:gemini-3"],
  ["anthropic.claude-v2:0", "bedrock:anthropic.claude-v2:0"],
  ["amazon.titan-x", "bedrock:amazon.titan-x"],
  ["meta.llama3", "bedrock:meta.llama3"],
  ["claude-cli", "claude-cli:default"],
  ["openai/gpt-5", "openai:gpt-5"],
  ["google/x", "gemini:x"],
  ["near-ai/x", "nearai:x"],
  ["google:x", "gemini:x"],
  ["openai :gpt-5", "openai:gpt-5"],
  ["openai: gpt-5", "openai:gpt-5"],
])("%p is refused, and %p proposed", (text, proposal) => {
  expect(parseModelRef(text)).toMatchObject({ ok: false, say: expect.stringContaining(`"${proposal}"`) });
});

test.each([
  "openai:",
  "openai:  ",
  "xyz:a",
  "llama",
  ":",
  ":x",
  "o35",
  "constructor:x",
  "__proto__/x",
  "toString/x",
])("%p is refused", (text) => {
  expect(parseModelRef(text)).toMatchObject({ ok: false, code: "invalid_request" });
});
