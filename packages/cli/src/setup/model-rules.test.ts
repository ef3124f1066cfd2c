import { expect, test } from "bun:test";
import { choiceNamed } from "./choice.ts";
import { familyOf, fitsFamily } from "./families.ts";
import { checkModel } from "./model-rules.ts";

test.each([
  ["claude-sonnet-4-6", "anthropic", "anthropic:claude-sonnet-4-6"],
  ["  anthropic:claude-x  ", "anthropic", "anthropic:claude-x"],
  ["Anthropic:claude-x", "anthropic", "anthropic:claude-x"],
  ["gpt-5", "openai", "openai:gpt-5"],
  ["ollama:qwen3-coder:30b", "ollama", "ollama:qwen3-coder:30b"],
  ["llama3.2", "ollama", "ollama:llama3.2"],
  ["openai/gpt-oss-120b", "nearai", "nearai:openai/gpt-oss-120b"],
  ["anthropic.claude-v2:0", "bedrock", "bedrock:anthropic.claude-v2:0"],
  ["bedrock:us.anthropic.claude-v1:0", "bedrock", "bedrock:us.anthropic.claude-v1:0"],
  ["meta.llama3-70b", "bedrock", "bedrock:meta.llama3-70b"],
  ["default", "vertex", "vertex:default"],
  ["vertex:DEFAULT", "vertex", "vertex:default"],
  ["codex:default", "codex", "codex:default"],
  ["claude-cli", "claude-cli", "claude-cli:default"],
  ["publishers/anthropic/models/claude@x", "vertex", "vertex:publishers/anthropic/models/claude@x"],
] as const)("%p for %s is %s", (text, provider, model) => {
  expect(checkModel(text, provider)).toEqual({ ok: true, value: { provider, model } });
});

test.each([
  ["openai:gpt-5", { provider: "openai", model: "openai:gpt-5" }],
  ["GEMINI:gemini-3", { provider: "gemini", model: "gemini:gemini-3" }],
  ["claude-x", { model: "claude-x", family: "anthropic" }],
  ["o3", { model: "o3", family: "openai" }],
  ["mystery", { model: "mystery" }],
  ["anthropic.claude-v2:0", { model: "anthropic.claude-v2:0", family: "bedrock" }],
  ["org/model", { model: "org/model" }],
] as const)("%p without a provider is %p", (text, value) => {
  expect(checkModel(text, undefined)).toEqual({ ok: true, value } as never);
});

test.each([
  ["", undefined, "needed"],
  ["   ", "openai", "needed"],
  ["<model>", "openai", "stands for"],
  ["openai:<model>", "openai", "stands for"],
  ["gpt 5", "openai", "blank"],
  ["gpt-5;rm", "openai", "no model has"],
  ["a\u0007b", "openai", "\\u{7}"],
  ["a\u202eb", undefined, "\\u{202e}"],
  ["-x", "openai", 'begins with "-"'],
  ["openai:-x", "openai", 'begins with "-"'],
  ["x".repeat(300), "openai", "256"],
  ["openai:", "openai", "names no model"],
  [":gpt-5", "openai", "no provider"],
  ["openai:gpt-5", "anthropic", "model of openai, but the provider is anthropic"],
  ["xyz:gpt-5", "openai", "no provider; known are"],
  ["xyz:gpt-5", undefined, "no provider; known are anthropic"],
  ["qwen3:8b", "ollama", "write ollama:qwen3:8b"],
  ["anthropic.claude-v2:0", "openai", "looks like a model of Bedrock"],
  ["anthropic.claude-v2:0:1", "bedrock", "one colon"],
  ["anthropic.claude-v2:0:1", undefined, "one colon"],
  ["arn:aws:bedrock:us-east-1:1:x", "bedrock", "ARN"],
  ["bedrock:arn:aws:x", "bedrock", "ARN"],
  ["openai:a:b", "openai", "second colon"],
  ["ollama:a::b", "ollama", "nothing beside it"],
  ["ollama:a:", "ollama", "nothing beside it"],
  ["ollama:ollama:a", "ollama", "prefix twice"],
  ["openai:openai:a", "openai", "prefix twice"],
  ["claude:x", undefined, "write anthropic:x"],
  ["near-ai:x", "nearai", "write nearai:x"],
  ["near/x", "nearai", "write nearai:x"],
  ["offline:basic", undefined, "--provider offline"],
] as const)("%p for %p is refused: %s", (text, provider, why) => {
  const refused = checkModel(text, provider);
  const say = refused.ok ? "" : refused.say;
  expect(say).toContain(why);
  expect(say).toMatch(/^[\x20-\x7e…]+$/);
});

test.each([
  ["Claude", "anthropic"],
  ["gpt", "openai"],
  ["near", "nearai"],
  ["NEAR-AI", "nearai"],
  ["bedrock", "bedrock"],
  ["offline", "offline"],
  ["skip", "offline"],
  ["claude-cli", "claude-cli"],
  ["other", undefined],
  ["", undefined],
  ["__proto__", undefined],
] as const)("--provider %p is %p", (word, choice) => {
  expect(choiceNamed(word)).toBe(choice as never);
});

test.each([
  ["claude-x", "anthropic"],
  ["chatgpt-x", "openai"],
  ["o4-mini", "openai"],
  ["o5", undefined],
  ["gemini-3", "gemini"],
  ["amazon.titan-x", "bedrock"],
  ["qwen3", undefined],
] as const)("%p is of the family %p", (model, family) => {
  expect(familyOf(model)).toBe(family as never);
});

test("Ollama has models of any name, the others only of their family", () => {
  expect(fitsFamily("claude-x", "ollama")).toBe(true);
  expect(fitsFamily("claude-x", "anthropic")).toBe(true);
  expect(fitsFamily("claude-x", "openai")).toBe(false);
  expect(fitsFamily("mystery", "openai")).toBe(false);
});
