import { expect, test } from "bun:test";
import { UsageTally } from "./usage.ts";

function tally(...usages: unknown[]) {
  const counted = new UsageTally();
  for (const usage of usages) counted.observe(usage);
  return counted.total();
}

test("a stream that says nothing of tokens has no usage", () => {
  expect(tally(undefined, null, "7", {}, { input_tokens: "7" })).toBeUndefined();
});

test("Anthropic's cached tokens are added to its input, OpenAI's are part of it", () => {
  expect(
    tally(
      { input_tokens: 3, cache_read_input_tokens: 4, cache_creation_input_tokens: 5, output_tokens: 1 },
      { output_tokens: 9 },
    ),
  ).toEqual({
    inputTokens: 12,
    outputTokens: 9,
    cacheReadTokens: 4,
    cacheWriteTokens: 5,
  });
  expect(
    tally({ prompt_tokens: 12, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 4 } }),
  ).toEqual({
    inputTokens: 12,
    outputTokens: 9,
    cacheReadTokens: 4,
  });
});

test("counts that are no whole numbers from zero up are passed over", () => {
  expect(
    tally({ prompt_tokens: -1, completion_tokens: 1.5 }, { prompt_tokens: 2, completion_tokens: Number.NaN }),
  ).toEqual({
    inputTokens: 2,
    outputTokens: 0,
  });
});
