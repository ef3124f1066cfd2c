import { expect, test } from "bun:test";
import { SessionKey } from "@carapace/protocol";
import type { UsageEntry } from "@carapace/state";
import { arePricesConfigured, price } from "./price.ts";

const entry: UsageEntry = {
  provider: "openai",
  model: "openai:gpt-5.5-mini",
  sessionKey: SessionKey.parse("s"),
  agentId: "default",
  usage: { inputTokens: 1_000_000, outputTokens: 500_000 },
  costUsd: 0,
  atMs: 0,
};
const cost = (input: number, output: number) => ({ inputCostPerMTok: input, outputCostPerMTok: output });
const exact = { match: "OpenAI:GPT-5.5-mini", matchType: "exact", ...cost(1, 2) } as const;
const part = { match: "gpt", matchType: "contains", ...cost(10, 20) } as const;

test.each([
  [{ overrides: [part, exact] }, 2],
  [{ overrides: [part] }, 20],
  [{ default: cost(4, 8), overrides: [{ ...part, match: "claude" }] }, 8],
  [{ overrides: [] }, 0],
])("a model call costs what the owner's table says: %j", (pricing, usd) => {
  expect(price(entry, pricing).costUsd).toBe(usd);
});

test("prices are configured by a default or an override", () => {
  expect(arePricesConfigured({ overrides: [] })).toBe(false);
  expect(arePricesConfigured({ default: cost(1, 1), overrides: [] })).toBe(true);
});
